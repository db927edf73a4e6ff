import type { ASTNode } from '@marcbachmann/cel-js';
import { codePoints } from '../../go-text.ts';
import type { StaticType, TypeKind } from './declared-type.ts';
import {
  ACCUMULATOR,
  type Call,
  type Comprehension,
  type Expression,
  type Identifier,
  type Literal,
} from './expression.ts';
import { matchingOverloads, resultType } from './overloads.ts';

/** What is wrong with a node, in the words of cel-go. */
export type Refuse = (node: ASTNode, detail: string) => void;

/** The types of the variables, and who is told of what the library's type check lets pass and cel-go does not. */
export interface Scope {
  readonly types: ReadonlyMap<string, StaticType>;
  readonly refuse: Refuse;
}

const BOOL: StaticType = { kind: 'bool' };
const INT: StaticType = { kind: 'int' };
const DYN: StaticType = { kind: 'dyn' };

const literal = (kind: TypeKind, size = 1n): Literal => ({ op: 'literal', type: { kind }, size });
const accumulator = (type: StaticType): Identifier => ({ op: 'identifier', type, name: ACCUMULATOR });

function call(name: string, target: Expression | undefined, args: readonly Expression[]): Call {
  const types = [...(target ? [target] : []), ...args].map(({ type }) => type);
  const overloads = matchingOverloads(target ? `.${name}` : name, types);
  return { op: 'call', type: resultType(overloads, types), name, target, args, overloads };
}

function constant(value: unknown): Literal {
  if (typeof value === 'string') return literal('string', BigInt(codePoints(value)));
  if (value instanceof Uint8Array) return literal('bytes', BigInt(value.length));
  if (typeof value === 'bigint') return literal('int');
  if (typeof value === 'number') return literal('double');
  if (typeof value === 'boolean') return literal('bool');
  return literal(value === null ? 'null' : 'uint');
}

function list(items: readonly Expression[], type: StaticType | undefined = items[0]?.type): Expression {
  const element = items.some((item) => item.type.kind === 'dyn') ? DYN : type;
  return { op: 'list', type: element ? { kind: 'list', element } : { kind: 'list' }, items };
}

/** Whether nothing but blanks lies between an operator and its operand: cel-go reads `!!x` and `-5` as one, not `!(!x)` and `-(5)`. */
const isJoined = (outer: ASTNode, inner: ASTNode) => /^[!-]\s*$/.test(outer.input.slice(outer.start, inner.start));

/** What a comprehension gathers: its start, the test before each round, the round, and what is made of it at the end. */
type Folding = Pick<Comprehension, 'init' | 'condition' | 'step' | 'result' | 'type'>;

const ALWAYS = () => literal('bool');

function quantifier(name: string, predicate: Expression): Folding {
  if (name === 'exists_one') {
    const plusOne = call('+', undefined, [accumulator(INT), literal('int')]);
    const step = call('?:', undefined, [predicate, plusOne, accumulator(INT)]);
    const result = call('==', undefined, [accumulator(INT), literal('int')]);
    return { type: BOOL, init: literal('int'), condition: ALWAYS(), step, result };
  }
  const so = name === 'all' ? accumulator(BOOL) : call('unary !', undefined, [accumulator(BOOL)]);
  const step = call(name === 'all' ? '&&' : '||', undefined, [accumulator(BOOL), predicate]);
  const condition = call('@not_strictly_false', undefined, [so]);
  return { type: BOOL, init: literal('bool'), condition, step, result: accumulator(BOOL) };
}

function gathering(item: Expression, filter: Expression | undefined): Folding {
  const type: StaticType = { kind: 'list', element: item.type };
  const pushed = call('+', undefined, [accumulator(type), list([item])]);
  const step = filter ? call('?:', undefined, [filter, pushed, accumulator(type)]) : pushed;
  return { type, init: list([], item.type), condition: ALWAYS(), step, result: accumulator(type) };
}

function elementType({ kind, key, element }: StaticType): StaticType {
  return (kind === 'map' ? key : kind === 'list' ? element : undefined) ?? DYN;
}

const MACROS: Readonly<Record<string, readonly number[]>> = {
  all: [2],
  exists: [2],
  exists_one: [2],
  filter: [2],
  map: [2, 3],
};

function comprehension(name: string, receiver: ASTNode, args: readonly ASTNode[], scope: Scope): Comprehension {
  const range = expand(receiver, scope);
  const [first, ...bodies] = args;
  const variable = first?.op === 'id' ? first.args : '';
  const type = elementType(range.type);
  const inner = { ...scope, types: new Map(scope.types).set(variable, type) };
  const [body = literal('bool'), transform] = bodies.map((node) => expand(node, inner));
  const fold = (): Folding => {
    if (name === 'map') return gathering(transform ?? body, transform && body);
    return name === 'filter' ? gathering({ op: 'identifier', type, name: variable }, body) : quantifier(name, body);
  };
  return { op: 'comprehension', range, variable, ...fold() };
}

/** @param whole the node at which an unknown field is told: the selection, or its `has()` */
function selection(whole: ASTNode, node: ASTNode, field: string, scope: Scope): Expression {
  const operand = expand(node, scope);
  const { kind, fields, element } = operand.type;
  const testOnly = whole.op === 'call';
  const type = kind === 'object' ? fields?.get(field) : kind === 'map' ? element : undefined;
  if (kind === 'object' && !type) scope.refuse(whole, `undefined field '${field}'`);
  return { op: 'selection', type: testOnly ? BOOL : (type ?? DYN), operand, field, testOnly };
}

function globalCall(node: ASTNode, name: string, args: readonly ASTNode[], scope: Scope): Expression {
  const [first] = args;
  if (name === 'has' && first?.op === '.') return selection(node, first.args[0], first.args[1], scope);
  return call(
    name,
    undefined,
    args.map((arg) => expand(arg, scope)),
  );
}

function unary(node: ASTNode, operand: ASTNode, operator: '!' | '-', scope: Scope): Expression {
  if (isJoined(node, operand)) {
    if (operator === '!' && operand.op === '!_') return expand(operand.args, scope);
    if (operator === '-' && operand.op === 'value') return constant(operand.args);
  }
  return call(`unary ${operator}`, undefined, [expand(operand, scope)]);
}

function mapLiteral(given: readonly (readonly [ASTNode, ASTNode])[], scope: Scope): Expression {
  const entries = given.map(([key, value]) => [expand(key, scope), expand(value, scope)] as const);
  const [first] = entries;
  const type: StaticType = { kind: 'map', key: first?.[0].type ?? DYN, element: first?.[1].type ?? DYN };
  return { op: 'map', type, entries };
}

/**
 * Reads an expression of the CEL library as cel-go does: types by the schema, macros expanded, overloads chosen.
 * A name that is no variable is that of a type. The expression has passed the library's type check.
 */
export function expand(node: ASTNode, scope: Scope): Expression {
  switch (node.op) {
    case 'value':
      return constant(node.args);
    case 'id':
      return { op: 'identifier', type: scope.types.get(node.args) ?? { kind: 'type' }, name: node.args };
    case '.':
    case '.?':
      return selection(node, node.args[0], node.args[1], scope);
    case 'call':
      return globalCall(node, node.args[0], node.args[1], scope);
    case 'rcall': {
      const [name, receiver, args] = node.args;
      if (MACROS[name]?.includes(args.length)) return comprehension(name, receiver, args, scope);
      return call(
        name,
        expand(receiver, scope),
        args.map((arg) => expand(arg, scope)),
      );
    }
    case 'list':
      return list(node.args.map((item) => expand(item, scope)));
    case 'map':
      return mapLiteral(node.args, scope);
    case '!_':
      return unary(node, node.args, '!', scope);
    case '-_':
      return unary(node, node.args, '-', scope);
    case '[?]':
      return call('[]', undefined, [expand(node.args[0], scope), expand(node.args[1], scope)]);
    default:
      return call(
        node.op,
        undefined,
        node.args.map((arg) => expand(arg, scope)),
      );
  }
}
