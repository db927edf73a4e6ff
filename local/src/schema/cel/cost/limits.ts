import { type FieldError, fieldError } from '../../field-error.ts';
import { add } from './saturating.ts';

/** The most that one rule, with all its repetitions, or one messageExpression may be estimated to cost. */
export const RULE_COST_LIMIT = 10_000_000n;
/** The most that all rules of one schema may be estimated to cost together. */
export const SCHEMA_COST_LIMIT = 100_000_000n;

const ADVICE =
  '(try simplifying the rule, or adding maxItems, maxProperties, and maxLength where arrays, maps, and strings are declared)';
/** So many of the dearest rules are named where all together are too dear, each with at least a hundredth of the limit. */
const NAMED_RULES = 4;
const NAMED_FROM = SCHEMA_COST_LIMIT / 100n;

/** A number as Go's `%.<digits>f` prints it: unlike `toFixed`, what lies exactly between two goes to the even one. */
function goFixed(value: number, digits: number): string {
  const exact = value.toFixed(60);
  const cut = exact.indexOf('.') + 1 + digits;
  const isTie = /^50*$/.test(exact.slice(cut));
  return isTie && Number(exact[cut - 1]) % 2 === 0 ? exact.slice(0, cut) : value.toFixed(digits);
}

/** Says by what factor a cost is over its limit, as kube-apiserver does: exactly where it is near, not at all where it is far. */
export function costMessage(what: string, cost: bigint, limit: bigint): string {
  const excess = Number(cost) / Number(limit);
  const factor = excess > 100 ? 'more than 100x' : `${goFixed(excess, excess < 1.5 ? 6 : 1)}x`;
  return `${what} exceeds budget by factor of ${factor} ${ADVICE}`;
}

/** Adds up what the rules of one schema are estimated to cost. */
export class SchemaCost {
  #total = 0n;
  readonly #dearest: { path: string; cost: bigint }[] = [];

  /** @param path of the rule or messageExpression */
  observe(path: string, cost: bigint): void {
    this.#total = add(this.#total, cost);
    if (cost >= NAMED_FROM) this.#dearest.push({ path, cost });
  }

  /** The errors of a schema whose rules are together too dear; `path` is that of the schema. */
  errors(path: string): FieldError[] {
    if (this.#total <= SCHEMA_COST_LIMIT) return [];
    const dearest = this.#dearest.sort((a, b) => Number(b.cost - a.cost)).slice(0, NAMED_RULES);
    const detail = 'contributed to estimated rule cost total exceeding cost limit for entire OpenAPIv3 schema';
    const what = 'x-kubernetes-validations estimated rule cost total for entire OpenAPIv3 schema';
    return [
      ...dearest.map((rule) => fieldError.forbidden(rule.path, detail)),
      fieldError.forbidden(path, costMessage(what, this.#total, SCHEMA_COST_LIMIT)),
    ];
  }
}
