import type { KubeObject, NodeView, Objective, Wagon } from '@dark-carnival/crds';
import type { Clock, Timer } from '@dark-carnival/crds/clock';
import { objectKey } from '@dark-carnival/kube';
import type { Liveness } from '../../ports/liveness.ts';
import type { HubCache } from '../hub-deps.ts';
import { nodeView } from '../views/node-view.ts';
import { type ObjectiveRow, objectiveRow } from '../views/objective-row.ts';
import type { SseStream } from './sse.ts';

/** What changed since the frame before. Names that are gone are in `gone`; whatever else is known stays as it is. */
export interface Delta {
  seq: number;
  wagons: NodeView[];
  objectives: ObjectiveRow[];
  goneWagons: string[];
  goneObjectives: string[];
}

export interface ChangeStreamOptions {
  stream: SseStream;
  namespace: string;
  wagons: HubCache<Wagon>;
  objectives: HubCache<Objective>;
  liveness: Liveness;
  clock: Clock;
}

/** At most four frames a second, whatever happens. */
const FRAME_MS = 250;
/** Ages of heartbeats and of the caches: the page's proof that the data is alive. */
const PULSE_MS = 5_000;
/** Rows in one frame: a large cluster comes in pieces that the page can draw, one right after the other. */
const ROWS_PER_FRAME = 400;

/**
 * Tells one page about wagons and Objectives as they change. It remembers only *which* changed: what is sent is what is true when the socket can take
 * it, so a slow reader skips states but never misses the last one.
 */
export class ChangeStream {
  readonly #options: ChangeStreamOptions;
  readonly #dirtyWagons = new Set<string>();
  readonly #dirtyObjectives = new Set<string>();
  readonly #unsubscribe: (() => void)[];
  #seq = 0;
  #frame: Timer | undefined;
  #pulse: Timer | undefined;
  #lastFrameAt: number;
  /** The last frame was full: what is left need not wait. */
  #isBehind = false;

  constructor(options: ChangeStreamOptions) {
    this.#options = options;
    const { stream, wagons, objectives, liveness, namespace, clock } = options;
    this.#lastFrameAt = clock.monotonic() - FRAME_MS;
    stream.send({
      event: 'hello',
      data: { namespace, wagons: this.#count(wagons), objectives: this.#count(objectives) },
    });
    this.#unsubscribe = [
      wagons.subscribe(this.#marks<Wagon>(this.#dirtyWagons)),
      objectives.subscribe(this.#marks<Objective>(this.#dirtyObjectives)),
      liveness.onChange((of, name) => this.#mark(this.#dirtyWagons, of, `${of}/${name}`)),
    ];
    stream.onReady = () => this.#schedule();
    stream.whenEnded(() => this.#stop());
    this.#schedule();
    this.#beat();
  }

  #count<T extends KubeObject>(cache: HubCache<T>): number {
    return cache.store.countByIndex('namespace', this.#options.namespace);
  }

  #marks<T extends KubeObject>(dirty: Set<string>) {
    const mark = (object: T) => this.#mark(dirty, object.metadata.namespace, objectKey(object));
    return { onAdd: mark, onUpdate: (_before: T, after: T) => mark(after), onDelete: mark };
  }

  #mark(dirty: Set<string>, namespace: string | undefined, key: string): void {
    if (namespace !== this.#options.namespace) return;
    dirty.add(key);
    this.#schedule();
  }

  #schedule(): void {
    if (this.#frame !== undefined || this.#dirtyWagons.size + this.#dirtyObjectives.size === 0) return;
    const { clock, stream } = this.#options;
    if (stream.ended) return;
    const wait = this.#isBehind ? 0 : Math.max(0, this.#lastFrameAt + FRAME_MS - clock.monotonic());
    this.#frame = clock.setTimeout(() => {
      this.#frame = undefined;
      if (stream.ready) this.#flush();
    }, wait);
  }

  #flush(): void {
    const { wagons, objectives, liveness, stream, namespace, clock } = this.#options;
    const objectiveKeys = take(this.#dirtyObjectives, ROWS_PER_FRAME);
    const wagonKeys = take(this.#dirtyWagons, ROWS_PER_FRAME);
    const nameOf = (key: string) => key.slice(namespace.length + 1);
    this.#seq += 1;
    const delta: Delta = { seq: this.#seq, wagons: [], objectives: [], goneWagons: [], goneObjectives: [] };
    for (const key of wagonKeys) {
      const wagon = wagons.store.get(key);
      if (wagon) delta.wagons.push(nodeView(wagon, liveness.view(namespace, nameOf(key))));
      else delta.goneWagons.push(nameOf(key));
    }
    for (const key of objectiveKeys) {
      const objective = objectives.store.get(key);
      if (objective) delta.objectives.push(objectiveRow(objective));
      else delta.goneObjectives.push(nameOf(key));
    }
    this.#lastFrameAt = clock.monotonic();
    this.#isBehind = this.#dirtyObjectives.size + this.#dirtyWagons.size > 0;
    stream.send({ event: 'delta', data: delta });
    this.#schedule();
  }

  /** Between changes: how old everything is. */
  #beat(): void {
    const { clock, stream, wagons, objectives, liveness, namespace } = this.#options;
    this.#pulse = clock.setTimeout(() => this.#beat(), PULSE_MS);
    if (!stream.ready) return;
    const ages: Record<string, number> = {};
    for (const { metadata } of wagons.store.byIndex('namespace', namespace)) {
      const { heardAgoMs } = liveness.view(namespace, metadata.name);
      if (heardAgoMs !== undefined) ages[metadata.name] = Math.round(heardAgoMs / 100) / 10;
    }
    const staleSeconds = Math.round(Math.max(wagons.staleMs(), objectives.staleMs()) / 1000);
    const synced = wagons.hasSynced && objectives.hasSynced;
    stream.send({ event: 'pulse', data: { seq: this.#seq, staleSeconds, synced, heartbeatAges: ages } });
  }

  #stop(): void {
    for (const unsubscribe of this.#unsubscribe) unsubscribe();
    const { clock } = this.#options;
    if (this.#frame) clock.clearTimeout(this.#frame);
    if (this.#pulse) clock.clearTimeout(this.#pulse);
  }
}

function take(keys: Set<string>, max: number): string[] {
  const taken: string[] = [];
  for (const key of keys) {
    if (taken.length === max) break;
    taken.push(key);
    keys.delete(key);
  }
  return taken;
}
