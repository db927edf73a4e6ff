import type { StaticType } from './declared-type.ts';
import type { Overload } from './overloads.ts';

/**
 * An expression as cel-go sees it after its macros are expanded: what its costs are computed on. Each node is an object of its own;
 * where a macro uses a node twice, as `filter` does its variable, it is the same object.
 */
export type Expression = Literal | Identifier | Selection | Call | ListLiteral | MapLiteral | Comprehension;

interface Node {
  readonly type: StaticType;
}

export interface Literal extends Node {
  readonly op: 'literal';
  /** Code points, bytes, or 1 for what has no size. */
  readonly size: bigint;
}

export interface Identifier extends Node {
  readonly op: 'identifier';
  readonly name: string;
}

export interface Selection extends Node {
  readonly op: 'selection';
  readonly operand: Expression;
  readonly field: string;
  /** `has(operand.field)`. */
  readonly testOnly: boolean;
}

/** A function, operator or method with the overloads that its arguments may meet: several where a type is known at run time only. */
export interface Call extends Node {
  readonly op: 'call';
  readonly name: string;
  readonly target: Expression | undefined;
  readonly args: readonly Expression[];
  readonly overloads: readonly Overload[];
}

export interface ListLiteral extends Node {
  readonly op: 'list';
  readonly items: readonly Expression[];
}

export interface MapLiteral extends Node {
  readonly op: 'map';
  readonly entries: readonly (readonly [Expression, Expression])[];
}

/** What `all`, `exists`, `exists_one`, `map` and `filter` stand for. */
export interface Comprehension extends Node {
  readonly op: 'comprehension';
  readonly range: Expression;
  readonly variable: string;
  readonly init: Expression;
  readonly condition: Expression;
  readonly step: Expression;
  readonly result: Expression;
}

/** The variable in which a comprehension gathers its result; no rule can name it. */
export const ACCUMULATOR = '@result';
