import fc, { type Arbitrary } from 'fast-check';
import type { Json } from '../case.ts';

/**
 * Random CEL rules on one schema with random limits. Rules are typed by the schema, so that nearly all compile; what the local engine is known to
 * refuse (functions outside its list) is left out.
 */
export type Schema = { [key: string]: Json };

const bound = (name: string, ...sizes: number[]): Arbitrary<Schema> =>
  fc.option(fc.constantFrom(...sizes), { nil: undefined }).map((size) => (size === undefined ? {} : { [name]: size }));
const text = bound('maxLength', 0, 1, 9, 63, 253, 4096).map((limit): Schema => ({ type: 'string', ...limit }));
const formatted = (format: string) => text.map((schema): Schema => ({ ...schema, format }));
const listOf = (items: Arbitrary<Schema>) =>
  fc
    .tuple(items, bound('maxItems', 0, 1, 7, 40, 600))
    .map(([item, limit]): Schema => ({ type: 'array', items: item, ...limit }));
const mapOf = (values: Arbitrary<Schema>) =>
  fc
    .tuple(values, bound('maxProperties', 1, 8, 90))
    .map(([value, limit]): Schema => ({ type: 'object', additionalProperties: value, ...limit }));
const objectOf = (members: Record<string, Arbitrary<Schema>>) =>
  fc.tuple(fc.record(members), fc.subarray(Object.keys(members))).map(
    ([properties, required]): Schema => ({
      type: 'object',
      properties,
      ...(required.length > 0 ? { required } : {}),
    }),
  );
const integer = fc.constant<Schema>({ type: 'integer' });

/** The schema of the value that rules are about: a member of each kind, some deep enough for paths to share memory. */
export const ruledSchema: Arbitrary<Schema> = objectOf({
  s: text,
  t: text,
  e: fc.constant<Schema>({ type: 'string', enum: ['a', 'bcd', 'äöü'] }),
  u: formatted('uuid'),
  d: formatted('date-time'),
  b: formatted('byte'),
  n: integer,
  f: fc.constant<Schema>({ type: 'number' }),
  i: bound('maxLength', 9).map((limit): Schema => ({ 'x-kubernetes-int-or-string': true, ...limit })),
  l: listOf(text),
  k: listOf(integer),
  m: mapOf(text),
  ll: listOf(listOf(text)),
  a: objectOf({ b: objectOf({ o: listOf(objectOf({ p: listOf(text), q: text, n: integer })) }) }),
});

type Kind = 'string' | 'int' | 'bool' | 'strings' | 'objects';
type Variables = Readonly<Partial<Record<Kind | 'object', readonly string[]>>>;

const ROOT: Variables = {
  string: [
    'self.s',
    'self.t',
    'oldSelf.s',
    'self.e',
    'self.u',
    'self.l[0]',
    "self.m['k']",
    'self.m.kk',
    'self.i',
    'self.ll[0][1]',
  ],
  int: ['self.n', 'self.k[1]', 'self.i', 'self.d.getHours()', 'self.a.b.o[0].n'],
  bool: [
    'true',
    'has(self.s)',
    'has(self.a.b)',
    'self.b == oldSelf.b',
    'self.m == oldSelf.m',
    'self.f < 1.5',
    'self.a == self.a',
  ],
  strings: ['self.l', 'self.ll[0]', 'self.a.b.o[0].p', 'oldSelf.l'],
  objects: ['self.a.b.o', 'oldSelf.a.b.o'],
};
const LITERALS = ['""', "'a'", '"äöü€"', "'0123456789012345678901234567890123456789'"];

const with_ = (variables: Variables, kind: Kind | 'object', name: string): Variables => ({
  ...variables,
  [kind]: [...(variables[kind] ?? []), name, name, name],
});

/** Texts of expressions of a kind; `depth` bounds how far they nest. Made once for each kind, depth and set of variables. */
class Expressions {
  readonly #made = new Map<string, Arbitrary<string>>();

  of(kind: Kind, depth: number, variables: Variables): Arbitrary<string> {
    const key = `${kind} ${depth} ${JSON.stringify(variables)}`;
    const known = this.#made.get(key);
    if (known) return known;
    const made = this.#make(kind, depth, variables);
    this.#made.set(key, made);
    return made;
  }

  #make(kind: Kind, depth: number, variables: Variables): Arbitrary<string> {
    const members: Record<string, readonly string[]> = { string: ['q'], int: ['n'], strings: ['p'] };
    const reached = (variables.object ?? []).flatMap((name) =>
      (members[kind] ?? []).map((member) => `${name}.${member}`),
    );
    const atoms = [
      ...(variables[kind] ?? []),
      ...reached,
      ...(kind === 'string' ? LITERALS : kind === 'int' ? ['5', '-3'] : []),
    ];
    const atom = fc.constantFrom(...atoms);
    if (depth === 0 || kind === 'objects') return atom;
    const composed = { string: this.#texts, int: this.#numbers, bool: this.#conditions, strings: this.#lists }[kind];
    return fc.oneof(
      { weight: 3, arbitrary: atom },
      { weight: 5, arbitrary: composed.call(this, depth - 1, variables) },
    );
  }

  #join(
    format: (...parts: string[]) => string,
    depth: number,
    variables: Variables,
    ...kinds: Kind[]
  ): Arbitrary<string> {
    return fc.tuple(...kinds.map((kind) => this.of(kind, depth, variables))).map((parts) => format(...parts));
  }

  #texts(depth: number, variables: Variables): Arbitrary<string> {
    return fc.oneof(
      this.#join((a, b) => `(${a} + ${b})`, depth, variables, 'string', 'string'),
      this.#join((a, b, c) => `(${a} ? ${b} : ${c})`, depth, variables, 'bool', 'string', 'string'),
      this.#join((a) => `string(${a})`, depth, variables, 'int'),
      this.#join((a) => `string(bytes(${a}))`, depth, variables, 'string'),
      this.#join((a) => `${a}[0]`, depth, variables, 'strings'),
    );
  }

  #numbers(depth: number, variables: Variables): Arbitrary<string> {
    return fc.oneof(
      fc
        .constantFrom('+', '-', '*', '%')
        .chain((op) => this.#join((a, b) => `(${a} ${op} ${b})`, depth, variables, 'int', 'int')),
      this.#join((a) => `size(${a})`, depth, variables, 'string'),
      this.#join((a) => `${a}.size()`, depth, variables, 'strings'),
      this.#join((a) => `size(bytes(${a}))`, depth, variables, 'string'),
    );
  }

  #lists(depth: number, variables: Variables): Arbitrary<string> {
    const element = with_(variables, 'string', 'x');
    const list = this.of('strings', depth, variables);
    return fc.oneof(
      fc.tuple(list, this.of('bool', depth, element)).map(([range, test]) => `${range}.filter(x, ${test})`),
      fc.tuple(list, this.of('string', depth, element)).map(([range, made]) => `${range}.map(x, ${made})`),
      fc
        .tuple(this.of('objects', depth, variables), this.of('string', depth, with_(variables, 'object', 'o')))
        .map(([range, made]) => `${range}.map(o, ${made})`),
      fc
        .tuple(list, this.of('bool', depth, element), this.of('string', depth, element))
        .map(([range, test, made]) => `${range}.map(x, ${test}, ${made})`),
      this.#join((a, b) => `(${a} + ${b})`, depth, variables, 'strings', 'strings'),
      this.#join((a, b) => `[${a} + '', ${b} + 'é']`, depth, variables, 'string', 'string'),
    );
  }

  #conditions(depth: number, variables: Variables): Arbitrary<string> {
    const compare = fc.constantFrom('==', '!=', '<', '>=');
    const bool = (...[kinds, format]: [Kind[], (...parts: string[]) => string]) =>
      this.#join(format, depth, variables, ...kinds);
    return fc.oneof(
      fc.constantFrom('&&', '||').chain((op) => bool(['bool', 'bool'], (a, b) => `(${a} ${op} ${b})`)),
      fc.constantFrom('!', '!!', '').chain((op) => bool(['bool'], (a) => `${op}(${a})`)),
      compare.chain((op) => bool(['string', 'string'], (a, b) => `(${a} ${op} ${b})`)),
      compare.chain((op) => bool(['int', 'int'], (a, b) => `(${a} ${op} ${b})`)),
      fc
        .constantFrom('startsWith', 'endsWith', 'contains')
        .chain((method) => bool(['string', 'string'], (a, b) => `${a}.${method}(${b})`)),
      bool(['string'], (a) => `${a}.matches('^[a-z]+(x|y){2}$')`),
      bool(['string', 'strings'], (a, b) => `(${a} in ${b})`),
      bool(['string'], (a) => `(${a} in self.m)`),
      this.#quantifier(depth, variables),
      this.#quantifier(depth, variables),
    );
  }

  #quantifier(depth: number, variables: Variables): Arbitrary<string> {
    const macro = fc.constantFrom('all', 'exists', 'exists_one');
    const over = (range: Arbitrary<string>, name: string, inner: Variables) =>
      fc
        .tuple(range, macro, this.of('bool', depth, inner))
        .map(([list, all, test]) => `${list}.${all}(${name}, ${test})`);
    const deep = with_(with_(variables, 'object', 'o'), 'string', 'x');
    return fc.oneof(
      // Deep enough for the paths of `o.p` and of what the test selects of `o` to share their memory.
      fc
        .tuple(macro, macro, this.of('bool', depth, deep))
        .map(([outer, inner, test]) => `self.a.b.o.${outer}(o, o.p.${inner}(x, ${test}))`),
      over(this.of('strings', depth, variables), 'x', with_(variables, 'string', 'x')),
      over(this.of('objects', depth, variables), 'o', with_(variables, 'object', 'o')),
      over(fc.constant('self.k'), 'j', with_(variables, 'int', 'j')),
      over(fc.constant('self.m'), 'key', with_(with_(variables, 'string', 'key'), 'string', 'self.m[key]')),
    );
  }
}

const EXPRESSIONS = new Expressions();

/** A rule, up to four levels deep. */
export const rule: Arbitrary<string> = fc
  .integer({ min: 1, max: 4 })
  .chain((depth) => EXPRESSIONS.of('bool', depth, ROOT));
/** A messageExpression. */
export const message: Arbitrary<string> = fc
  .integer({ min: 0, max: 3 })
  .chain((depth) => EXPRESSIONS.of('string', depth, ROOT));
