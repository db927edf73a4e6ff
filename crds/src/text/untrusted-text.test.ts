import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { safeLine, safePiece, safeText } from './untrusted-text.ts';

describe('text that strangers wrote', () => {
  it.each([
    { name: 'colours', given: '\u001b[31mred\u001b[0m', want: 'red' },
    { name: 'cursor and erase', given: 'a\u001b[2J\u001b[1;1Hb', want: 'ab' },
    { name: 'a one-byte sequence', given: 'a\u009b31mb', want: 'ab' },
    { name: 'a title', given: '\u001b]0;owned\u0007x', want: 'x' },
    { name: 'a clipboard write', given: '\u001b]52;c;cm0gLXJm\u001b\\x', want: 'x' },
    { name: 'a link', given: '\u001b]8;;http://evil\u001b\\click\u001b]8;;\u001b\\', want: 'click' },
    { name: 'a device string', given: '\u001bP1;2|payload\u001b\\x', want: 'x' },
    { name: 'a full reset', given: 'a\u001bcb', want: 'ab' },
    { name: 'a reversed file name', given: 'evil\u202egnp.exe', want: 'evilgnp.exe' },
    { name: 'isolates and marks', given: '\u2066a\u2069\u200e\u061cb', want: 'ab' },
    { name: 'invisible tags', given: 'a\u{e0041}\u{e007f}b', want: 'ab' },
    { name: 'a lone surrogate', given: 'a\ud800b', want: 'ab' },
    { name: 'bell, backspace, delete', given: 'a\u0007\u0008\u007fb', want: 'ab' },
    { name: 'an overwritten line', given: 'rm -rf\rls', want: 'rm -rf\nls' },
  ])('loses $name', ({ given, want }) => {
    expect(safeText(given)).toBe(want);
  });

  it('keeps what people write: lines, tabs, other scripts, joined emoji', () => {
    const text = 'Gezeiten\n\t潮汐 مد وجزر 👩‍🔬 می‌خواهم';
    expect(safeText(text)).toBe(text);
  });

  it('leaves no control character whatever comes in, in whatever pieces', () => {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what must not be there
    const forbidden = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069\u2028\u2029]/u;
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary' })), (pieces) => {
        expect(pieces.map(safePiece).join('')).not.toMatch(forbidden);
        expect(safeText(pieces.join(''))).not.toMatch(forbidden);
        expect(safeLine(pieces.join(''))).not.toMatch(/[\n\t]/);
      }),
    );
  });

  it('cuts a line by characters, not in the middle of one', () => {
    expect(safeLine('🎪🎪🎪🎪', 3)).toBe('🎪🎪…');
    expect(safeLine('  a \n b\t c ')).toBe('a b c');
  });
});
