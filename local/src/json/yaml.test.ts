import { describe, expect, it } from 'vitest';
import { duplicateYamlKeys, parseYaml } from './yaml.ts';

describe('YAML as Kubernetes reads it', () => {
  it.each([
    ['yes', true],
    ['off', false],
    ['~', null],
    ['012', 10],
    ['0o17', 15],
    ['0x1F', 31],
    ['-0b11', -3],
    ['1_000', 1000],
    ['08', 8],
    ['1e3', 1000],
    ['.5', 0.5],
    ['1:30', '1:30'],
    ['2026-01-01', '2026-01-01'],
    ['"yes"', 'yes'],
    ['v1', 'v1'],
  ])('takes %s for %j', (written, value) => {
    expect(parseYaml(`a: ${written}`)).toEqual({ a: value });
  });

  it('reads JSON, nothing at all, and merged mappings', () => {
    expect(parseYaml('{"a":[1,"yes",{"b":null}]}')).toEqual({ a: [1, 'yes', { b: null }] });
    expect(parseYaml(' \n')).toBeNull();
    expect(parseYaml('a: {<<: {x: 1}, z: 2}')).toEqual({ a: { x: 1, z: 2 } });
  });

  it('names the keys that a mapping has twice, with their lines', () => {
    expect(duplicateYamlKeys('a: 1\nb:\n  c: 1\n  d: {e: 1, e: 2}\n  c: 2\na: 2\n')).toEqual([
      { key: 'e', line: 4 },
      { key: 'c', line: 5 },
      { key: 'a', line: 6 },
    ]);
    expect(duplicateYamlKeys('a: [{b: 1}, {b: 2}]')).toEqual([]);
  });
});
