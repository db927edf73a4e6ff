import { type Argument, callCost } from './call-cost.ts';
import type { DeclaredType, TypeKind } from './declared-type.ts';
import {
  ACCUMULATOR,
  type Call,
  type Comprehension,
  type Expression,
  type ListLiteral,
  type MapLiteral,
} from './expression.ts';
import { add, larger, times, UNKNOWN } from './saturating.ts';
import { append, NO_PATH, pathOf, type SharedPath, stepsOf } from './shared-path.ts';

const READ = 1n;
const NEW_LIST = 10n;
const NEW_MAP = 30n;

/** The most that the entries of a list or map measure. */
interface EntrySize {
  readonly container: 'list' | 'map';
  readonly key: bigint;
  readonly value: bigint;
}

interface Local {
  readonly path: SharedPath;
  readonly size: bigint | undefined;
  readonly entries: EntrySize | undefined;
}

const FIXED_SIZE: ReadonlySet<TypeKind> = new Set(['bool', 'double', 'duration', 'int', 'timestamp', 'uint']);

function literalSize(expression: Expression): bigint | undefined {
  if (expression.op === 'literal') return expression.size;
  if (expression.op === 'list') return BigInt(expression.items.length);
  return expression.op === 'map' ? BigInt(expression.entries.length) : undefined;
}

function widest(a: EntrySize | undefined, b: EntrySize | undefined): EntrySize | undefined {
  return a && b && { container: a.container, key: larger(a.key, b.key), value: larger(a.value, b.value) };
}

/** The type at a path: its first step is a variable, which all are of the rule's own type. */
function typeAt(root: DeclaredType, [, ...steps]: readonly string[]): DeclaredType | undefined {
  let type: DeclaredType | undefined = root;
  for (const step of steps) {
    if (step === '@items' || step === '@values') type = type?.element;
    else type = step === '@keys' ? type?.key : type?.fields?.get(step);
  }
  return type;
}

/**
 * What an expression costs at most: the upper end of the estimate that cel-go's `checker.Cost` makes for kube-apiserver, to the last unit. It
 * is computed in the same order as there, as sizes are remembered by expression and paths share memory.
 */
class Estimator {
  readonly #root: DeclaredType;
  readonly #paths = new Map<Expression, SharedPath>();
  readonly #sizes = new Map<Expression, bigint>();
  readonly #entries = new Map<Expression, EntrySize>();
  readonly #locals = new Map<string, Local[]>();

  constructor(root: DeclaredType) {
    this.#root = root;
  }

  cost(expression: Expression): bigint {
    switch (expression.op) {
      case 'literal':
        return 0n;
      case 'identifier':
        this.#paths.set(expression, this.#local(expression.name)?.path ?? pathOf(expression.name));
        return READ;
      case 'selection': {
        const operand = this.cost(expression.operand);
        if (expression.testOnly) return operand;
        this.#paths.set(expression, append(this.#path(expression.operand), expression.field));
        const { kind } = expression.operand.type;
        return kind === 'map' || kind === 'object' ? add(operand, READ) : operand;
      }
      case 'call':
        return this.#call(expression);
      case 'list':
        return this.#list(expression);
      case 'map':
        return this.#map(expression);
      default:
        return this.#comprehension(expression);
    }
  }

  #call(expression: Call): bigint {
    if (expression.name === 'dyn') return this.#dyn(expression);
    const args = expression.args.map((arg) => this.#argument(arg));
    const target = expression.target && this.#argument(expression.target);
    let most = 0n;
    let size: bigint | undefined;
    for (const { cost: kind } of expression.overloads) {
      const one = callCost(kind, args, target);
      most = larger(most, one.cost);
      if (one.size !== undefined) size = size === undefined ? one.size : larger(size, one.size);
      if (kind === 'conditional') this.#setEntries(expression, this.#unionOfEntries(args[1], args[2]));
      if (kind === 'concatenation' || kind === 'list-concatenation')
        this.#setEntries(expression, this.#unionOfEntries(args[0], args[1]));
      if (kind === 'list-index' || kind === 'map-index') size = this.#indexed(expression, args[0], kind);
      size ??= this.#size(expression);
    }
    if (size !== undefined) this.#sizes.set(expression, size);
    return add(target?.cost ?? 0n, most);
  }

  /** `dyn()` hides a type and does nothing else. */
  #dyn(expression: Call): bigint {
    const [arg] = expression.args;
    if (!arg) return READ;
    const cost = this.cost(arg);
    const size = this.#size(arg);
    if (size !== undefined) this.#sizes.set(expression, size);
    this.#setEntries(expression, this.#entriesOf(arg));
    return add(cost, READ);
  }

  #argument(expression: Expression): Argument {
    const cost = this.cost(expression);
    return { expression, cost, size: this.#size(expression) };
  }

  #indexed(expression: Call, container: Argument | undefined, kind: 'list-index' | 'map-index'): bigint | undefined {
    if (!container) return undefined;
    const path = this.#path(container.expression);
    this.#paths.set(expression, append(path, kind === 'list-index' ? '@items' : '@values'));
    return this.#entriesOf(container.expression)?.value;
  }

  #list(expression: ListLiteral): bigint {
    let cost = NEW_LIST;
    let value = 0n;
    for (const item of expression.items) {
      cost = add(cost, this.cost(item));
      value = larger(value, this.#size(item) ?? UNKNOWN);
    }
    this.#setEntries(expression, { container: 'list', key: 1n, value });
    return cost;
  }

  #map(expression: MapLiteral): bigint {
    let cost = NEW_MAP;
    const most = { container: 'map' as const, key: 0n, value: 0n };
    for (const [key, value] of expression.entries) {
      cost = add(cost, this.cost(key), this.cost(value));
      most.key = larger(most.key, this.#size(key) ?? UNKNOWN);
      most.value = larger(most.value, this.#size(value) ?? UNKNOWN);
    }
    this.#setEntries(expression, most);
    return cost;
  }

  #comprehension(expression: Comprehension): bigint {
    const { range, init, condition, step, result, variable } = expression;
    const before = add(this.cost(range), this.cost(init));
    const gathered = { path: this.#path(init), entries: this.#entriesOf(init), size: this.#size(init) };
    this.#push(ACCUMULATOR, gathered);
    this.#push(variable, this.#element(range));
    const round = add(this.cost(condition), this.cost(step));
    this.#pop(variable);
    const after = this.cost(result);
    this.#pop(ACCUMULATOR);
    const rounds = this.#size(range) ?? UNKNOWN;
    if (init.op === 'literal') this.#sizes.set(expression, init.size);
    else {
      this.#sizes.set(expression, rounds);
      this.#setEntries(expression, this.#entriesOf(step));
    }
    return add(before, after, times(rounds, round));
  }

  /** The variable of a comprehension: an item of a list, a key of a map. */
  #element(range: Expression): Local {
    const entries = this.#entriesOf(range);
    const isList = (entries?.container ?? range.type.kind) === 'list';
    const path = append(this.#path(range), isList ? '@items' : '@keys');
    return { path, size: isList ? entries?.value : entries?.key, entries: undefined };
  }

  #path(expression: Expression): SharedPath {
    const local = expression.op === 'identifier' ? this.#local(expression.name) : undefined;
    return local?.path ?? this.#paths.get(expression) ?? NO_PATH;
  }

  #size(expression: Expression): bigint | undefined {
    const known = this.#sizes.get(expression) ?? literalSize(expression);
    if (known !== undefined) return known;
    const declared = this.#declaredSize(expression);
    if (declared !== undefined) this.#sizes.set(expression, declared);
    if (declared !== undefined) return declared;
    if (FIXED_SIZE.has(expression.type.kind)) return 1n;
    return expression.op === 'identifier' ? this.#local(expression.name)?.size : undefined;
  }

  #declaredSize(expression: Expression): bigint | undefined {
    const steps = stepsOf(this.#path(expression));
    return steps.length === 0 ? undefined : typeAt(this.#root, steps)?.maxElements;
  }

  #entriesOf(expression: Expression): EntrySize | undefined {
    const own = this.#entries.get(expression);
    return own ?? (expression.op === 'identifier' ? this.#local(expression.name)?.entries : undefined);
  }

  #unionOfEntries(a: Argument | undefined, b: Argument | undefined): EntrySize | undefined {
    return a && b && widest(this.#entriesOf(a.expression), this.#entriesOf(b.expression));
  }

  #setEntries(expression: Expression, entries: EntrySize | undefined): void {
    if (entries) this.#entries.set(expression, entries);
  }

  #local(name: string): Local | undefined {
    return this.#locals.get(name)?.at(-1);
  }

  #push(name: string, local: Local): void {
    const stack = this.#locals.get(name) ?? [];
    stack.push(local);
    this.#locals.set(name, stack);
  }

  #pop(name: string): void {
    this.#locals.get(name)?.pop();
  }
}

/** The most that one evaluation of an expression may cost; `root` is the type of `self` and `oldSelf`. */
export function estimateCost(expression: Expression, root: DeclaredType): bigint {
  return new Estimator(root).cost(expression);
}
