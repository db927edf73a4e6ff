import { describe, expect, it } from 'vitest';
import { clip } from './clip.ts';

describe('a text that may be too long', () => {
  it.each([
    { given: 'short', max: 5, want: 'short' },
    { given: 'longer', max: 5, want: 'long…' },
    { given: '🎪🎪', max: 2, want: '🎪🎪' },
    { given: '🎪🎪🎪', max: 2, want: '🎪…' },
    { given: '🎪'.repeat(100), max: 3, want: '🎪🎪…' },
    { given: '', max: 5, want: '' },
  ])('has at most $max characters: $want', ({ given, max, want }) => {
    expect(clip(given, max)).toBe(want);
  });
});
