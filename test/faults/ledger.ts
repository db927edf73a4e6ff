import type { KubeObject } from '@dark-carnival/crds';
import { CONFIG_MAPS, type KubeClient } from '@dark-carnival/kube';

/** A ConfigMap with one value. */
export type Note = KubeObject & { data: { text: string } };

/** What an object is: its text, or that it is not there. */
type State = string | undefined;

/** A write that was sent and not (yet) answered: it may have happened, or not. */
interface Open {
  wanted: State;
}

/** All that a client may rely on: what was acknowledged, and what may have happened besides. */
export class Ledger {
  readonly #acknowledged = new Map<string, State>();
  readonly #open = new Map<string, Open>();
  /** By revision, what the write at it made. */
  readonly revisions = new Map<number, string>();
  newest = 0;

  /** Sends one write (a creation, a change by one of three verbs, or a deletion) and notes what is known of it. */
  async write(client: KubeClient, name: string, text: string, pick: number): Promise<void> {
    const isThere = this.#acknowledged.get(name) !== undefined;
    const deletes = isThere && pick < 0.2;
    this.#open.set(name, { wanted: deletes ? undefined : text });
    const ref = { namespace: 'default', name };
    if (deletes) {
      await client.delete(CONFIG_MAPS, ref);
      this.#acknowledge(name, undefined, undefined);
      return;
    }
    const note: Note = { apiVersion: 'v1', kind: 'ConfigMap', metadata: ref, data: { text } };
    const answer = !isThere
      ? await client.create<Note>(CONFIG_MAPS, note)
      : pick < 0.6
        ? await client.update<Note>(CONFIG_MAPS, note)
        : await client.patch<Note>(CONFIG_MAPS, ref, { type: 'merge', body: { data: { text } } });
    this.#acknowledge(name, text, Number(answer.metadata.resourceVersion));
  }

  #acknowledge(name: string, state: State, revision: number | undefined): void {
    this.#open.delete(name);
    this.#acknowledged.set(name, state);
    if (revision === undefined) return;
    const before = this.revisions.get(revision);
    if (before !== undefined) throw new Error(`revision ${revision} was given to ${before} and to ${name}`);
    this.revisions.set(revision, name);
    this.newest = Math.max(this.newest, revision);
  }

  /** Compares with what a server has after a crash, and takes it as what is known from now on. @returns what does not fit */
  settle(items: readonly Note[]): string[] {
    const found = new Map(items.map((item) => [item.metadata.name, item.data.text]));
    const wrong: string[] = [];
    for (const name of new Set([...found.keys(), ...this.#acknowledged.keys(), ...this.#open.keys()])) {
      const now = found.get(name);
      const open = this.#open.get(name);
      const fits = now === this.#acknowledged.get(name) || (open !== undefined && now === open.wanted);
      if (!fits) wrong.push(`${name}: acknowledged ${this.#acknowledged.get(name)}, found ${now}`);
      this.#acknowledged.set(name, now);
    }
    this.#open.clear();
    return wrong;
  }
}
