import { type KubeObject, OBJECTIVES, type Objective, type ResourceRef } from '@dark-carnival/crds';
import type { Clock } from '@dark-carnival/crds/clock';
import { CONFIG_MAPS, type KubeClient, SECRETS } from '@dark-carnival/kube';

/** Sees everything that becomes of Objectives and what they own, as the API server has it: each revision, in order. */
export class Audience {
  /** Revisions of the Objective on stage, since `clear`. */
  readonly revisions: Objective[] = [];
  /** `ADDED configmaps show-plan-1` … */
  readonly lifecycle: string[] = [];
  /** When, by the clock of the play, somebody's word came to be in the API: `Aborted`. */
  abortedAt: number | undefined;
  #gone = false;
  readonly #clock: Pick<Clock, 'monotonic'>;
  readonly #closing = new AbortController();

  constructor(clock: Pick<Clock, 'monotonic'>) {
    this.#clock = clock;
  }

  /** Opens the watches. */
  async attend(client: KubeClient): Promise<void> {
    for (const resource of [OBJECTIVES, CONFIG_MAPS, SECRETS]) await this.#watch(client, resource);
  }

  clear(): void {
    this.revisions.length = 0;
    this.lifecycle.length = 0;
    this.#gone = false;
    this.abortedAt = undefined;
  }

  get latest(): Objective | undefined {
    return this.#gone ? undefined : this.revisions.at(-1);
  }

  get isGone(): boolean {
    return this.#gone;
  }

  /** The phases that it went through, each once per entry. */
  get phases(): string[] {
    const all = this.revisions.map(({ status }) => status?.phase ?? 'none');
    return all.filter((phase, index) => phase !== all[index - 1]);
  }

  close(): void {
    this.#closing.abort();
  }

  async #watch(client: KubeClient, resource: ResourceRef): Promise<void> {
    const { signal } = this.#closing;
    const { metadata } = await client.list(resource, { namespace: 'default' });
    const events = await client.watch<KubeObject>(resource, {
      namespace: 'default',
      resourceVersion: metadata.resourceVersion ?? '',
      timeoutSeconds: 1_000_000,
      signal,
    });
    const follow = async () => {
      for await (const event of events) {
        if (event.type === 'BOOKMARK') continue;
        if (event.type !== 'MODIFIED')
          this.lifecycle.push(`${event.type} ${resource.plural} ${event.object.metadata.name}`);
        if (resource.plural === OBJECTIVES.plural) this.#see(event.type, event.object as Objective);
      }
    };
    follow().catch(() => {});
  }

  #see(type: string, object: Objective): void {
    if (type === 'DELETED') {
      this.#gone = true;
      return;
    }
    this.revisions.push(object);
    if (object.spec?.desiredState === 'Aborted') this.abortedAt ??= this.#clock.monotonic();
  }
}
