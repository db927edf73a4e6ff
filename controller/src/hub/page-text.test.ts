import { describe, expect, it } from 'vitest';

/** The page's modules are plain JavaScript for browsers; those that need no document run here too. */
const module = async <T>(name: string) => (await import(new URL(`./page/${name}`, import.meta.url).href)) as T;
const { cleanText, cleanLine } = await module<{
  cleanText(text: unknown): string;
  cleanLine(text: unknown, max?: number): string;
}>('clean-text.js');
const { answeredFor } = await module<{ answeredFor(answered: unknown): string | undefined }>('words.js');

describe('who answered for whom, on the page', () => {
  const passedOver = [
    { provider: 'kimi', reason: 'RateLimited' },
    { provider: 'claude', reason: 'NoCredentials' },
  ];

  it('is said where the first of the chain did not', () => {
    expect(answeredFor({ provider: 'mistral', passedOver })).toBe(
      'mistral answered for kimi (RateLimited) and claude (NoCredentials)',
    );
    expect([answeredFor({ provider: 'kimi' }), answeredFor({ passedOver }), answeredFor(undefined)]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });
});

describe('what something used, on the page', () => {
  it('is marked where a part of it is an estimate, and adds up exactly', async () => {
    const { usedWords, sumOf } = await module<{
      usedWords(used: object): string;
      sumOf(parts: object[]): { tokens: number; estimatedTokens: number; costUSD?: string };
    }>('words.js');
    const parts = [
      { tokens: 1000, costUSD: '0.1' },
      { tokens: 234, estimatedTokens: 34, costUSD: '0.200001' },
      { tokens: 0 },
    ];
    expect(sumOf(parts)).toEqual({ tokens: 1234, estimatedTokens: 34, costUSD: '0.300001' });
    expect(usedWords(sumOf(parts))).toBe('~1,234 tokens (34 estimated), $0.300001');
    expect(usedWords(sumOf([{ tokens: 5 }]))).toBe('5 tokens');
  });
});

describe('text on the page', () => {
  it.each([
    ['keeps lines, tabs and every script', 'a\tb\n潮汐 🎪', 'a\tb\n潮汐 🎪'],
    [
      'takes out colours, titles and clipboard writes of a terminal',
      '\u001b[31mred\u001b[0m \u001b]0;title\u0007\u001b]52;c;x\u001b\\end',
      'red end',
    ],
    ['takes out what else controls', 'a\u0000b\u0008c\u009bd', 'abcd'],
    ['shows what would reorder it', 'safe\u202Egnp.exe', 'safe⟦U+202E⟧gnp.exe'],
    ['shows what would hide in it', 'pay\u200Bpal\uFEFF', 'pay⟦U+200B⟧pal⟦U+FEFF⟧'],
    ['makes one line end of three', 'a\r\nb\rc', 'a\nb\nc'],
    ['is empty where there is nothing', undefined, ''],
  ])('%s', (_what, given, shown) => {
    expect(cleanText(given)).toBe(shown);
  });

  it('cuts a line by whole characters', () => {
    expect(cleanLine('  one\n two ', 5)).toBe('one t…');
    expect(cleanLine('🎪🎪🎪', 2)).toBe('🎪🎪…');
  });

  it('stays quick on long hostile text', () => {
    const began = performance.now();
    cleanText('\u001b]'.repeat(100_000) + '\u001bP'.repeat(100_000));
    expect(performance.now() - began).toBeLessThan(2_000);
  });
});
