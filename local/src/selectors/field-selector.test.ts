import { describe, expect, it } from 'vitest';
import { matchesFields, parseFieldSelector } from './field-selector.ts';

describe('field selectors', () => {
  it.each([
    ['', {}, true],
    ['status.phase=Ready', { 'status.phase': 'Ready' }, true],
    ['status.phase==Ready,metadata.name!=a', { 'status.phase': 'Ready', 'metadata.name': 'a' }, false],
    ['status.phase=', {}, true],
    ['status.phase!=', { 'status.phase': 'x' }, true],
    ['a=x\\,y\\=z\\\\', { a: 'x,y=z\\' }, true],
    [',a=1,', { a: '1' }, true],
  ])('%s on %j gives %s', (selector, fields, expected) => {
    expect(matchesFields(parseFieldSelector(selector), fields as Record<string, string>)).toBe(expected);
  });

  it.each(['a', 'a=b=c', 'a=\\x', 'a=b\\'])('refuses %s', (selector) => {
    expect(() => parseFieldSelector(selector)).toThrow('invalid');
  });
});
