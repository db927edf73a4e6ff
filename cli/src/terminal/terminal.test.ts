import { execFileSync } from 'node:child_process';
import { load } from 'js-yaml';
import { describe, expect, it } from 'vitest';
import { ageOf, byteSize, duration } from './age.ts';
import { shellCommand } from './shell.ts';
import { structured } from './structured.ts';
import { table } from './table.ts';
import { wantsColour } from './terminal.ts';
import { wrapText } from './wrap-text.ts';

describe('structured output', () => {
  const hostile = { a: 'x\u009b31m\u202ey\u{e0041}\nz 👩‍🔬', n: 1, list: ['b'] };

  it.each(['json', 'yaml'] as const)(
    'as %s means exactly the value, and holds nothing that a terminal obeys',
    (format) => {
      const text = structured(hostile, format);
      expect(format === 'json' ? JSON.parse(text) : load(text)).toEqual(hostile);
      expect(text).not.toMatch(/[\u007f-\u009f\u202e\u{e0041}]/u);
    },
  );

  it('as yaml is plain where nothing needs quotes', () => {
    expect(structured({ a: 'two words', b: [1] }, 'yaml')).toBe('a: two words\nb:\n  - 1');
  });
});

describe('words for people', () => {
  it('says ages as kubectl does', () => {
    const now = Date.parse('2026-11-24T12:00:00Z');
    expect(ageOf('2026-11-24T11:59:50Z', now)).toBe('10s');
    expect(ageOf('2026-11-22T11:00:00Z', now)).toBe('2d');
    expect(ageOf(undefined, now)).toBe('-');
    expect(ageOf('2026-11-24T12:00:09Z', now)).toBe('0s');
    expect(duration(5 * 60_000 + 3_000)).toBe('5m3s');
    expect(duration(4 * 3_600_000)).toBe('4h');
  });

  it('says sizes', () => {
    expect([812, 3_400, 1_250_000].map(byteSize)).toEqual(['812 B', '3.4 kB', '1.3 MB']);
  });

  it('lines columns up', () => {
    expect(
      table(
        ['NAME', 'PHASE'],
        [
          ['tide-chart', 'Completed'],
          ['x', ''],
        ],
      ),
    ).toBe('NAME         PHASE\ntide-chart   Completed\nx');
  });
});

describe('wrapText', () => {
  it('breaks at spaces, keeps long words and what is laid out', () => {
    expect(wrapText('one two three four\n  - laid out as it is\nunbreakable-word x', 9)).toEqual([
      'one two',
      'three',
      'four',
      '  - laid out as it is',
      'unbreakable-word',
      'x',
    ]);
  });
});

describe('shellCommand', () => {
  it('survives a real shell, whatever the words hold', () => {
    const words = ["it's", '$(id)', 'a b', '`x`', '"q"', '\\', 'plain', '', '*', '!x', '~root', '=ls'];
    const printed = execFileSync('sh', ['-c', shellCommand('printf', '%s\\n', ...words)], { encoding: 'utf8' });
    expect(printed.split('\n').slice(0, -1)).toEqual(words);
  });
});

describe('colour', () => {
  it('goes to terminals only, and NO_COLOR switches it off', () => {
    expect(wantsColour(true, {})).toBe(true);
    expect(wantsColour(false, {})).toBe(false);
    expect(wantsColour(true, { NO_COLOR: '1' })).toBe(false);
    expect(wantsColour(true, { NO_COLOR: '' })).toBe(true);
    expect(wantsColour(true, { TERM: 'dumb' })).toBe(false);
  });
});
