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
    expect([' \n', '---\n', '# nothing\n'].map(parseYaml)).toEqual([null, null, null]);
    expect(parseYaml('a: {<<: {x: 1}, z: 2}')).toEqual({ a: { x: 1, z: 2 } });
  });

  it('looks at the first document only, whatever comes after it', () => {
    for (const text of ['a: 1\n---\na: 2\n', '---\na: 1\n---\n[', '# one\n---\na: 1\n...\n{', '%YAML 1.1\n---\na: 1\n'])
      expect(parseYaml(text)).toEqual({ a: 1 });
    expect(duplicateYamlKeys('a: 1\n---\nb: 1\nb: 2\n')).toEqual([]);
  });

  it.each([
    ['a: *none', "yaml: unknown anchor 'none' referenced"],
    ['a: 1\nb:\n  - c\n - d\n', /^yaml: line 4: /],
    ['a: .inf', 'json: unsupported value: +Inf'],
    ['a: -.INF', 'json: unsupported value: -Inf'],
    ['a: .nan', 'json: unsupported value: NaN'],
  ])('refuses %j', (text, problem) => {
    expect(() => parseYaml(text)).toThrow(problem);
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
