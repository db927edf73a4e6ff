import { describe, expect, it } from 'vitest';
import { asciiOnly, oneLine, plainText } from './plain-text.ts';

describe('words of a model in a status', () => {
  it.each([
    {
      name: 'stay as they are when they are plain',
      text: 'Tide charts, ünïcödé and 🎪.',
      max: 40,
      want: 'Tide charts, ünïcödé and 🎪.',
    },
    { name: "lose what would move a terminal's cursor", text: 'a\u001b[2J\u0007b\u009bc', max: 40, want: 'a[2Jbc' },
    { name: 'lose what would turn the direction of reading', text: 'a\u202eb\u2066c', max: 40, want: 'abc' },
    { name: 'keep their lines', text: 'a\n\tb', max: 40, want: 'a\n\tb' },
    { name: 'are cut between characters, never within one', text: '🎪🎪🎪', max: 2, want: '🎪…' },
    { name: 'fit exactly', text: '🎪🎪', max: 2, want: '🎪🎪' },
  ])('$name', ({ text, max, want }) => {
    expect(plainText(text, max)).toBe(want);
  });

  it('go on one line, or in ASCII, where the schema wants it', () => {
    expect(oneLine('  a\r\n b\u2028c ', 40)).toBe('a b c');
    expect(asciiOnly('größe', 4)).toBe('gr??');
  });
});
