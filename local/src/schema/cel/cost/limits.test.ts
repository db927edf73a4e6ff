import { describe, expect, it } from 'vitest';
import { costMessage, RULE_COST_LIMIT, SchemaCost } from './limits.ts';

const factor = (cost: bigint) =>
  /factor of (.*) \(try/.exec(costMessage('estimated rule cost', cost, RULE_COST_LIMIT))?.[1];

describe('the factor by which a rule is too dear', () => {
  it.each([
    [10_000_001n, '1.000000x'],
    [10_000_010n, '1.000001x'],
    [14_999_999n, '1.500000x'],
    [15_000_000n, '1.5x'],
    [1_000_000_000n, '100.0x'],
    [1_000_000_001n, 'more than 100x'],
    [2n ** 64n - 1n, 'more than 100x'],
  ])('of %s is told as %s', (cost, told) => {
    expect(factor(cost)).toBe(told);
  });

  it('goes to the even digit where it lies exactly between two, as Go prints it', () => {
    expect([22_500_000n, 27_500_000n, 22_500_001n].map(factor)).toEqual(['2.2x', '2.8x', '2.3x']);
    expect([10_078_125n, 10_234_375n].map(factor)).toEqual(['1.007812x', '1.023438x']);
  });
});

describe('the rules of a schema together', () => {
  it('may cost ten times what one may', () => {
    const total = new SchemaCost();
    for (let i = 0; i < 10; i += 1) total.observe(`r${i}`, RULE_COST_LIMIT);
    expect(total.errors('schema')).toEqual([]);
    total.observe('straw', 1n);
    expect(total.errors('schema').at(-1)).toEqual({
      type: 'FieldValueForbidden',
      field: 'schema',
      message:
        'Forbidden: x-kubernetes-validations estimated rule cost total for entire OpenAPIv3 schema exceeds budget by factor of 1.000000x (try simplifying the rule, or adding maxItems, maxProperties, and maxLength where arrays, maps, and strings are declared)',
    });
  });

  it('are told with the four dearest of them, from a hundredth of the limit on', () => {
    const total = new SchemaCost();
    for (const [path, cost] of Object.entries({ a: 1_000_000n, b: 9n, c: 60_000_000n, d: 2_000_000n, e: 70_000_000n }))
      total.observe(path, cost);
    expect(total.errors('schema').map(({ field }) => field)).toEqual(['e', 'c', 'd', 'a', 'schema']);
    total.observe('f', 3_000_000n);
    expect(total.errors('schema').map(({ field }) => field)).toEqual(['e', 'c', 'f', 'd', 'schema']);
  });
});
