import type { ASTNode } from '@marcbachmann/cel-js';
import type { SchemaNode } from '../../structural.ts';
import { type DeclaredType, timesPerRequest } from './declared-type.ts';
import { expand, type Refuse } from './expand.ts';
import type { Expression } from './expression.ts';
import { times } from './saturating.ts';

/** How many values there are of a schema node at most, by the limits of the lists and maps around it; undefined where one has none. */
export type Cardinality = bigint | undefined;

/** The factor by which a node multiplies what lies below it. */
function factorOf({ type, additional, additionalAny, limits }: SchemaNode): Cardinality {
  const isMap = type === 'object' && (additional !== undefined || additionalAny);
  if (!isMap && type !== 'array') return 1n;
  const most = isMap ? limits.maxProperties : limits.maxItems;
  return most === undefined ? undefined : BigInt(Math.max(0, Math.trunc(most)));
}

/** The cardinality of the children of a node. */
export function cardinalityBelow(node: SchemaNode, own: Cardinality): Cardinality {
  const factor = factorOf(node);
  return own === undefined || factor === undefined ? undefined : times(own, factor);
}

/** Reads an expression that has passed the library's type check on a value of type `self`. */
export function expandRule(ast: ASTNode, self: DeclaredType, refuse: Refuse): Expression {
  const types = new Map([
    ['self', self],
    ['oldSelf', self],
  ]);
  return expand(ast, { types, refuse });
}

/** The most that a rule costs with all its repetitions: what a request has room for where no list or map around it is bound. */
export function repeatedCost(cost: bigint, self: DeclaredType, cardinality: Cardinality): bigint {
  return times(cost, cardinality ?? timesPerRequest(self));
}
