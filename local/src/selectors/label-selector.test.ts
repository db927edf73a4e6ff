import { describe, expect, it } from 'vitest';
import { matchesLabels, parseLabelSelector, SelectorSyntaxError } from './label-selector.ts';

const matches = (selector: string, labels: Record<string, string> | undefined) =>
  matchesLabels(parseLabelSelector(selector), labels);

describe('label selectors', () => {
  it.each([
    ['', undefined, true],
    ['a=1', { a: '1' }, true],
    ['a==1', { a: '2' }, false],
    ['a=', { a: '' }, true],
    ['a=', undefined, false],
    ['a!=1', undefined, true],
    ['a!=1', { a: '1' }, false],
    ['a', { a: '' }, true],
    ['!a', { b: '' }, true],
    ['! a', { a: '' }, false],
    ['a in (1, 2)', { a: '2' }, true],
    ['a in (1,2),b', { a: '2' }, false],
    ['a notin (1,2)', undefined, true],
    ['a notin (1,2)', { a: '1' }, false],
    ['a in ()', { a: '' }, true],
    ['a in (,x)', { a: '' }, true],
    ['a>3', { a: '4' }, true],
    ['a<3', { a: '4' }, false],
    ['a>3', { a: 'x' }, false],
    ['in', { in: '' }, true],
    ['darkcarnival.dev/role=CORE,x!=y', { 'darkcarnival.dev/role': 'CORE' }, true],
    ['constructor', {}, false],
  ])('%s on %j gives %s', (selector, labels, expected) => {
    expect(matches(selector, labels as Record<string, string> | undefined)).toBe(expected);
  });

  it.each([
    ['a,', "found '', expected: identifier after ','"],
    ['a b', "unable to parse requirement: found 'b', expected: in, notin, =, ==, !=, gt, lt"],
    ['a in 1', 'expected'],
    ['a in (1', "found '', expected: ',' or ')'"],
    ['a in (', "found '', expected: ',', ')' or identifier"],
    ['a in (1,', "found '', expected: ',', or identifier"],
    ['a=!', 'expected'],
    ['-a', 'unable to parse requirement'],
    ['a=-1', 'unable to parse requirement'],
    ['a>x', "for 'Gt', 'Lt' operators, the value must be an integer"],
    [',', 'expected'],
  ])('refuses %s', (selector, message) => {
    expect(() => parseLabelSelector(selector)).toThrow(SelectorSyntaxError);
    expect(() => parseLabelSelector(selector)).toThrow(message);
  });
});
