import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { KeyVeil } from './key-veil.ts';

const KEY = 'sk-abab-abab-abac';

describe('an answer that quotes its key', () => {
  it('is shown without it, in whatever pieces it comes', () => {
    const parts = fc.array(fc.constantFrom(KEY, 'sk-ab', 'abab', '-', 'text ', 'sk-abab-abab-aba'), { maxLength: 12 });
    fc.assert(
      fc.property(parts, fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 }), (words, sizes) => {
        const text = words.join('');
        const veil = new KeyVeil(KEY);
        let shown = '';
        for (let at = 0, turn = 0; at < text.length; turn += 1) {
          const size = sizes[turn % sizes.length] ?? 1;
          shown += veil.push(text.slice(at, at + size));
          at += size;
        }
        shown += veil.rest();
        expect(shown).not.toContain(KEY);
        expect(shown).toBe(new KeyVeil(KEY).hide(text));
      }),
    );
  });

  it('keeps the word that somebody set for a key because one was needed', () => {
    expect(new KeyVeil('ollama').hide('Use ollama.')).toBe('Use ollama.');
    expect(new KeyVeil(undefined).push('anything')).toBe('anything');
  });
});
