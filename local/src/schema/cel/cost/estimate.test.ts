import { describe, expect, it } from 'vitest';
import type { JsonObject, JsonValue } from '../../json.ts';
import { readNode } from '../../structural.ts';
import { costOfRule } from '../../testing/cost-of-rule.ts';
import { declaredType } from './declared-type.ts';
import { repeatedCost } from './rule-cost.ts';

const text = (maxLength?: number, more: JsonObject = {}): JsonObject => ({ type: 'string', maxLength, ...more });
const list = (items: JsonValue, maxItems?: number): JsonObject => ({ type: 'array', items, maxItems });
const map = (additionalProperties: JsonValue, maxProperties?: number): JsonObject => ({
  type: 'object',
  additionalProperties,
  maxProperties,
});
const object = (properties: JsonObject, more: JsonObject = {}): JsonObject => ({ type: 'object', properties, ...more });
const integer: JsonObject = { type: 'integer' };

function typeOf(schema: JsonObject) {
  const type = declaredType(readNode(schema));
  if (!type) throw new Error('rules cannot see a value of this type');
  return type;
}

/** Every figure is that of `ruleEnv.EstimateCost` in kube-apiserver 1.34.4. */
describe('the estimated cost of a rule is that of the API server', () => {
  it.each<[bigint, JsonObject, string]>([
    [3n, { s: text(10) }, "self.s == 'abc'"],
    [10n, { s: text(10) }, "self.s.contains('0123456789012')"],
    [3n, { s: text() }, "self.s.startsWith('a')"],
    [314575n, { s: text() }, "self.s.matches('^a+$')"],
    [314577n, { s: text() }, 'self.s != oldSelf.s'],
    [35n, { s: text(9) }, 'size(bytes(self.s)) < 9 && string(bytes(self.s)) == self.s'],
    [4n, { e: text(undefined, { enum: ['a', 'abcdefghijklm'] }) }, "self.e == 'abcdefghijklmnopqrstuvwxyz'"],
    [4n, { d: text(undefined, { format: 'date-time' }) }, "self.d > timestamp('2020-01-01T00:00:00Z')"],
    [4n, { b: text(undefined, { format: 'byte' }) }, "self.b == b'0123456789abcdef'"],
    [7n, { i: { 'x-kubernetes-int-or-string': true } }, "type(self.i) == string ? self.i == '5%' : self.i > 5"],
    [7864318n, { l: list(integer) }, 'self.l.all(x, x > 0)'],
    [34n, { l: list(integer, 10) }, 'self.l.exists_one(x, x == 1)'],
    [553n, { l: list(list(integer, 10), 10) }, 'self.l.all(x, x.exists(y, y == 1))'],
    [365n, { l: list(text(5), 10) }, "self.l.map(x, x + 'a').filter(y, y != 'b').all(z, z.contains('c'))"],
    [16n, { l: list(text(5), 10) }, "'a' in self.l && self.l[0] == 'a'"],
    [103n, { m: map(text(5), 10) }, "self.m.all(k, k.startsWith('a') && self.m[k] == 'b')"],
    [5n, { m: map(text(5)) }, 'has(self.m) ? size(self.m) < 3 : true'],
    [10n, { n: integer }, '!!(self.n > 1) && !(!(self.n < 9)) && self.n != -5'],
    [64n, { s: text() }, "{'a': self.s}.all(k, k == 'a') && [self.s, 'b'].exists(t, t == self.s)"],
  ])('%s for %j: %s', (cost, properties, rule) => {
    expect(costOfRule(object(properties), rule)).toBe(cost);
  });

  it('also where a later selection changes the path of an earlier one, as a Go slice lets it', () => {
    const item = object({ p: list(text(9), 1000), q: text(1) });
    const deep = (rule: string) => costOfRule(object({ a: object({ b: object({ l: list(item, 10) }) }) }), rule);
    expect(deep("self.a.b.l.all(x, x.p.all(y, x.q == 'abc'))")).toBe(305n);
    expect(deep('self.a.b.l.all(x, x.p.all(y, y == x.q))')).toBe(345n);
    expect(deep("self.a.b.l.all(x, x.p.map(y, x.q + y).all(z, z == 'a'))")).toBe(2n ** 64n - 1n);
  });

  it('and stays at the largest number there is', () => {
    const cube = list(list(list(list(text()))));
    expect(costOfRule(object({ l: cube }), "self.l.all(a, a.all(b, b.all(c, c.all(d, d.matches('x')))))")).toBe(
      2n ** 64n - 1n,
    );
  });
});

describe('a rule is counted', () => {
  const required = object({ name: text(5) }, { required: ['name'] });

  it('once for each value that the lists and maps around it have room for', () => {
    expect(repeatedCost(3n, typeOf(required), 500n)).toBe(1500n);
  });

  it('where they have no limit as often as its smallest value fits into a request of 3 MiB', () => {
    expect(repeatedCost(1n, typeOf(required), undefined)).toBe(BigInt(Math.trunc((3 * 1024 * 1024) / 13)));
    const preset = object({ name: { ...text(5), default: 'a' } }, { required: ['name'] });
    expect(repeatedCost(1n, typeOf(preset), undefined)).toBe(1048576n);
  });
});
