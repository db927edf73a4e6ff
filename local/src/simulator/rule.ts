import { matcherOf, type Operation } from './operation.ts';
import { drawn } from './seeded.ts';

/**
 * What goes wrong with one request or watch.
 *
 * - `drop`: it never arrives. `unreachable`, the one failure after which a client knows that nothing happened.
 * - `appliedButLost`: it is carried out, and the answer is lost (`timeout`). A watch is accepted, and its connection breaks at once (`broken`).
 * - `duplicate`: it is carried out twice, and the second answer arrives. A watch tells each event twice.
 * - `freeze`: nothing is heard until `thaw()`; a request gives up at its deadline. A watch is accepted and goes silent.
 * - `compact`: the server forgets its history first. Watches and lists from an older revision get 410.
 * - `crashBefore`, `crashAfter`: the client's process ends here, before the request was sent or after it was carried out: from now on it says and
 *   hears nothing.
 * - `delayMs`: it arrives later, by the simulator's clock.
 * - `status`: the server refuses it with this code.
 */
export type Fault =
  | 'drop'
  | 'appliedButLost'
  | 'duplicate'
  | 'freeze'
  | 'compact'
  | 'crashBefore'
  | 'crashAfter'
  | { readonly delayMs: number }
  | { readonly status: number; readonly reason?: string; readonly retryAfterSeconds?: number };

/** A fault, or that there shall be none. */
export type Verdict = Fault | 'pass';

/** When something goes wrong. */
export interface Rule {
  /** Verbs and resources as RBAC names them: `patch objectives/status` (operation.ts). */
  readonly when: string;
  /** Only this object: `<namespace>/<name>`. */
  readonly object?: string;
  /** Only these of the requests that match, counted from 1. Default: each. */
  readonly nth?: number | readonly number[];
  /** Only with this probability, decided by the seed. Default 1. */
  readonly chance?: number;
  /** What happens; of several, the seed chooses. `pass`: nothing, whatever the rules after this one say. */
  readonly do: Verdict | readonly Verdict[];
}

/** Decides, for one rule, about each request. */
export class Judge {
  readonly #rule: Rule;
  readonly #seed: number;
  readonly #id: number;
  readonly #matches: (operation: Operation) => boolean;
  readonly #verdicts: readonly Verdict[];
  #matched = 0;

  /** @param id tells this rule's draws from other rules'. @throws TypeError for a rule that can never mean anything */
  constructor(rule: Rule, seed: number, id: number) {
    this.#rule = rule;
    this.#seed = seed;
    this.#id = id;
    this.#matches = matcherOf(rule.when);
    this.#verdicts = isList(rule.do) ? rule.do : [rule.do];
    if (this.#verdicts.length === 0) throw new TypeError(`the rule for ${JSON.stringify(rule.when)} does nothing`);
  }

  /** @param occurrence the how-many-th request this is of its operation on its object */
  verdictOn(operation: Operation, occurrence: number): Verdict | undefined {
    const { object, nth, chance = 1 } = this.#rule;
    if (!this.#matches(operation) || (object !== undefined && object !== operation.object)) return undefined;
    this.#matched += 1;
    if (nth !== undefined && ![nth].flat().includes(this.#matched)) return undefined;
    const what = `${this.#id} ${operation.verb} ${operation.resource} ${operation.object} ${occurrence}`;
    if (chance < 1 && drawn(this.#seed, `chance ${what}`) >= chance) return undefined;
    return this.#verdicts[Math.floor(drawn(this.#seed, `fault ${what}`) * this.#verdicts.length)];
  }
}

function isList(verdicts: Rule['do']): verdicts is readonly Verdict[] {
  return Array.isArray(verdicts);
}
