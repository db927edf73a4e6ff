import type { StaticType, TypeKind } from './declared-type.ts';

/** How the cost of a call follows from the sizes of its arguments; see call-cost.ts. */
export type CostClass =
  | 'constant'
  | 'argument-traversal'
  | 'list-membership'
  | 'bytes-of-string'
  | 'string-of-bytes'
  | 'matches'
  | 'contains'
  | 'logical'
  | 'conditional'
  | 'concatenation'
  | 'list-concatenation'
  | 'comparison'
  | 'list-index'
  | 'map-index';

type Parameter = TypeKind | 'any' | 'number' | 'time';

/** One form of a function, with the receiver as its first parameter. */
export interface Overload {
  readonly parameters: readonly Parameter[];
  readonly result: TypeKind | ((args: readonly StaticType[]) => StaticType);
  readonly cost: CostClass;
}

const DYN: StaticType = { kind: 'dyn' };
const NUMBERS: readonly TypeKind[] = ['int', 'uint', 'double'];

const form = (parameters: Parameter[], result: Overload['result'], cost: CostClass = 'constant'): Overload => ({
  parameters,
  result,
  cost,
});
const arithmetic = (...kinds: TypeKind[]) => kinds.map((kind) => form([kind, kind], kind));

const elementOfFirst = ([first]: readonly StaticType[]) => first?.element ?? DYN;

/** The type of what may be either: an empty literal takes the other's items, null the other's type, and what is known at run time only hides both. */
function joined(a: StaticType | undefined, b: StaticType | undefined): StaticType | undefined {
  if (!a || !b || a.kind === 'null') return b ?? a;
  if (b.kind === 'null') return a;
  if (a.kind === 'dyn' || b.kind === 'dyn') return DYN;
  const [element, key] = [joined(a.element, b.element), joined(a.key, b.key)];
  return { ...a, ...(element ? { element } : {}), ...(key ? { key } : {}) };
}
const bothLists = ([a, b]: readonly StaticType[]) => joined(a, b) ?? DYN;
const branchType = ([, yes, no]: readonly StaticType[]) => joined(yes, no) ?? DYN;

const EQUALITY = [form(['any', 'any'], 'bool', 'comparison')];
const ORDER = [
  form(['bool', 'bool'], 'bool'),
  form(['number', 'number'], 'bool'),
  form(['string', 'string'], 'bool', 'comparison'),
  form(['bytes', 'bytes'], 'bool', 'comparison'),
  form(['timestamp', 'timestamp'], 'bool'),
  form(['duration', 'duration'], 'bool'),
];
const SIZE = (['string', 'bytes', 'list', 'map'] as const).map((kind) => form([kind], 'int'));
const TIME_PART = [form(['time'], 'int'), form(['time', 'string'], 'int')];
const conversion = (to: TypeKind) => [form(['any'], to)];

/** The operators and functions that rules may call, by name; a method has a dot before its name. */
export const OVERLOADS: Readonly<Record<string, readonly Overload[]>> = {
  '&&': [form(['bool', 'bool'], 'bool', 'logical')],
  '||': [form(['bool', 'bool'], 'bool', 'logical')],
  '?:': [form(['bool', 'any', 'any'], branchType, 'conditional')],
  '==': EQUALITY,
  '!=': EQUALITY,
  '<': ORDER,
  '<=': ORDER,
  '>': ORDER,
  '>=': ORDER,
  '+': [
    form(['bytes', 'bytes'], 'bytes', 'concatenation'),
    ...arithmetic('double', 'duration', 'int', 'uint'),
    form(['duration', 'timestamp'], 'timestamp'),
    form(['timestamp', 'duration'], 'timestamp'),
    form(['list', 'list'], bothLists, 'list-concatenation'),
    form(['string', 'string'], 'string', 'concatenation'),
  ],
  '-': [
    ...arithmetic('double', 'duration', 'int', 'uint'),
    form(['timestamp', 'duration'], 'timestamp'),
    form(['timestamp', 'timestamp'], 'duration'),
  ],
  '*': arithmetic('double', 'int', 'uint'),
  '/': arithmetic('double', 'int', 'uint'),
  '%': arithmetic('int', 'uint'),
  'unary -': [form(['double'], 'double'), form(['int'], 'int')],
  'unary !': [form(['bool'], 'bool')],
  in: [form(['any', 'list'], 'bool', 'list-membership'), form(['any', 'map'], 'bool')],
  '[]': [form(['list', 'number'], elementOfFirst, 'list-index'), form(['map', 'any'], elementOfFirst, 'map-index')],
  '@not_strictly_false': [form(['bool'], 'bool')],
  size: SIZE,
  '.size': SIZE,
  bool: conversion('bool'),
  int: conversion('int'),
  double: conversion('double'),
  timestamp: conversion('timestamp'),
  duration: conversion('duration'),
  type: conversion('type'),
  dyn: conversion('dyn'),
  bytes: [form(['bytes'], 'bytes'), form(['string'], 'bytes', 'bytes-of-string')],
  string: [
    ...(['bool', 'double', 'duration', 'int', 'string', 'timestamp', 'uint'] as const).map((kind) =>
      form([kind], 'string'),
    ),
    form(['bytes'], 'string', 'string-of-bytes'),
  ],
  '.startsWith': [form(['string', 'string'], 'bool', 'argument-traversal')],
  '.endsWith': [form(['string', 'string'], 'bool', 'argument-traversal')],
  '.contains': [form(['string', 'string'], 'bool', 'contains')],
  '.matches': [form(['string', 'string'], 'bool', 'matches')],
  '.getFullYear': TIME_PART,
  '.getMonth': TIME_PART,
  '.getDayOfMonth': TIME_PART,
  '.getHours': TIME_PART,
  '.getMinutes': TIME_PART,
  '.getSeconds': TIME_PART,
};

function accepts(parameter: Parameter, { kind }: StaticType): boolean {
  if (parameter === 'any' || kind === 'dyn' || parameter === kind) return true;
  if (parameter === 'number') return NUMBERS.includes(kind);
  return parameter === 'time' && (kind === 'timestamp' || kind === 'duration');
}

/** The overloads that arguments may meet: more than one where a type is known at run time only. */
export function matchingOverloads(name: string, args: readonly StaticType[]): Overload[] {
  return (OVERLOADS[name] ?? []).filter(
    ({ parameters }) =>
      parameters.length === args.length && args.every((arg, i) => accepts(parameters[i] ?? 'any', arg)),
  );
}

/** The type of a call: `dyn` where its overloads disagree. */
export function resultType(overloads: readonly Overload[], args: readonly StaticType[]): StaticType {
  const [first, ...others] = overloads.map(({ result }) =>
    typeof result === 'string' ? { kind: result } : result(args),
  );
  return first && others.every(({ kind }) => kind === first.kind) ? first : DYN;
}
