import type { Expression } from './expression.ts';
import type { CostClass } from './overloads.ts';
import { add, larger, scaled, smaller, times, UNKNOWN } from './saturating.ts';

/** An argument of a call: what it costs, and how large its value is at most; undefined where nothing is known of it. */
export interface Argument {
  readonly expression: Expression;
  readonly cost: bigint;
  readonly size: bigint | undefined;
}

/** What a call costs at most, with its arguments but without its receiver, and the size of its result where that is known. */
export interface CallCost {
  readonly cost: bigint;
  readonly size?: bigint;
}

/** The cost of going through a string once, per character (cel-go, `common/cost.go`). */
const TRAVERSAL = 0.1;
/** The cost of a regular expression per character of it: an expression is taken to be four characters long. */
const REGEX = 0.25;
const BYTES_PER_CHARACTER = 4n;

const sizeOf = (argument: Argument | undefined): bigint => argument?.size ?? UNKNOWN;
const traversal = (argument: Argument | undefined) => scaled(sizeOf(argument), TRAVERSAL);

type Formula = (args: readonly Argument[], target: Argument | undefined) => CallCost;

const allArguments = (args: readonly Argument[]) => add(...args.map(({ cost }) => cost));
/** The arguments, and a cost of the call itself. */
const plus = (args: readonly Argument[], own: bigint): CallCost => ({ cost: add(own, allArguments(args)) });

const concatenation: Formula = (args) => {
  const size = add(...args.map(sizeOf));
  return { ...plus(args, scaled(size, TRAVERSAL)), size };
};

/** kube-apiserver multiplies here without a check for what leaves 64 bits. */
const bytesOfString: Formula = (args) => ({
  ...plus(args, traversal(args[0])),
  size: BigInt.asUintN(64, sizeOf(args[0]) * BYTES_PER_CHARACTER),
});

const conditional: Formula = ([test, yes, no]) => ({
  cost: add(test?.cost ?? 0n, larger(yes?.cost ?? 0n, no?.cost ?? 0n)),
  size: larger(sizeOf(yes), sizeOf(no)),
});

const matches: Formula = (args, target) => {
  const text = scaled(add(sizeOf(target), 1n), TRAVERSAL);
  return plus(args, times(text, scaled(sizeOf(args[0]), REGEX)));
};

const FORMULAS: Readonly<Record<CostClass, Formula>> = {
  constant: (args) => plus(args, 1n),
  'argument-traversal': (args) => plus(args, traversal(args[0])),
  'list-membership': (args) => plus(args, scaled(sizeOf(args[1]), 1)),
  'bytes-of-string': bytesOfString,
  'string-of-bytes': (args) => ({ ...plus(args, traversal(args[0])), size: sizeOf(args[0]) }),
  matches,
  contains: (args, target) => plus(args, times(traversal(target), traversal(args[0]))),
  logical: (args) => plus(args, 0n),
  conditional,
  concatenation,
  'list-concatenation': (args) => ({ ...plus(args, 1n), size: add(...args.map(sizeOf)) }),
  comparison: (args) => plus(args, scaled(smaller(sizeOf(args[0]), sizeOf(args[1])), TRAVERSAL)),
  'list-index': (args) => plus(args, 1n),
  'map-index': (args) => plus(args, 1n),
};

/** The most that a call of one overload costs, as cel-go's `checker/cost.go` and Kubernetes' library estimate it. */
export function callCost(kind: CostClass, args: readonly Argument[], target: Argument | undefined): CallCost {
  return FORMULAS[kind](args, target);
}
