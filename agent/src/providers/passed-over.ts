import type { PassedOver, ProviderChain } from '@dark-carnival/crds';
import { NOT_GRANTED } from './health-reasons.ts';

/**
 * Why providers of a chain did not answer a call, those that were asked and those that were left out. Of each the latest reason counts: one that was
 * rate limited, and cannot be reached when it is asked again, cannot be reached.
 */
export class PassedOverBook {
  readonly #names: readonly string[];
  readonly #reasons: Map<string, string>;

  /**
   * @param names the whole chain, in fallback order
   * @param leftOut reasons of those that are not asked at all, by name
   */
  constructor(names: readonly string[], leftOut: ReadonlyMap<string, string>) {
    this.#names = names;
    this.#reasons = new Map(leftOut);
  }

  /**
   * The book of a chain as it was given.
   * @param notGranted names in it that this wagon does not have
   */
  static of({ providers, leftOut = [] }: ProviderChain, notGranted: readonly string[]): PassedOverBook {
    const names = [...providers];
    const inOrder = leftOut.toSorted((a, b) => a.at - b.at);
    for (const { provider, at } of inOrder) names.splice(at, 0, provider);
    return new PassedOverBook(
      names,
      new Map([
        ...notGranted.map((name) => [name, NOT_GRANTED] as const),
        ...inOrder.map(({ provider, reason }) => [provider, reason] as const),
      ]),
    );
  }

  note(provider: string, reason: string): void {
    this.#reasons.set(provider, reason);
  }

  /** Those that stand before a provider in the chain, in its order: at most as many as a chain has. */
  before(provider: string): PassedOver {
    const place = this.#names.indexOf(provider);
    const earlier = [...new Set(this.#names.slice(0, Math.max(0, place)))];
    return earlier.flatMap((name) => {
      const reason = this.#reasons.get(name);
      return reason === undefined ? [] : [{ provider: name, reason }];
    });
  }
}
