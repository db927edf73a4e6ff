import { statSync } from 'node:fs';
import { atMost, type Counter, type Histogram, Meter, oneOf } from '@dark-carnival/telemetry';
import type { RevisionStore } from '../store/revision-store.ts';
import type { WatchHub } from '../watch/watch-hub.ts';
import type { ResourceRoute } from './route.ts';

/** What is counted of a request, as far as it came. */
export interface Asked {
  route?: ResourceRoute;
  isWatch?: boolean;
  isApply?: boolean;
}

export interface ApiState {
  store: RevisionStore;
  hub: WatchHub;
  /** The database; undefined where it is in memory. */
  file: string | undefined;
}

/** Kinds that are told apart: anybody with the token may define more. */
const MAX_RESOURCES = 100;
/** As the real server has them. */
const DURATION_BUCKETS = [
  0.005, 0.025, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1, 1.25, 1.5, 2, 3, 4, 5, 6, 8, 10, 15, 20, 30, 45, 60,
];
const VERBS = ['GET', 'LIST', 'WATCH', 'POST', 'PUT', 'PATCH', 'APPLY', 'DELETE', 'DELETECOLLECTION', 'HEAD'];
const READS = new Set(['GET', 'LIST', 'WATCH', 'HEAD']);

/** The metrics of the API server, under the names that people know from the real one. */
export class ApiMetrics {
  readonly meter = new Meter();
  readonly #requests: Counter;
  readonly #duration: Histogram;
  readonly #inflight = { readOnly: 0, mutating: 0 };

  constructor(state: ApiState) {
    const verb = oneOf(VERBS);
    const group = atMost(50);
    const resource = atMost(MAX_RESOURCES);
    const subresource = oneOf(['', 'status']);
    const scope = oneOf(['', 'cluster', 'namespace', 'resource']);
    this.#requests = this.meter.counter({
      name: 'apiserver_request_total',
      help: 'Requests by verb, resource and code; a watch counts when it has begun.',
      labels: { verb, group, version: atMost(20), resource, subresource, scope, code: atMost(40) },
    });
    this.#duration = this.meter.histogram(
      {
        name: 'apiserver_request_duration_seconds',
        help: 'Time from the head of a request to its answer; watches are left out.',
        labels: { verb, group, resource, subresource, scope },
      },
      DURATION_BUCKETS,
    );
    this.#describe(state);
  }

  /** A request has come. @returns when, for `ended`. */
  began(method: string | undefined): number {
    this.#inflight[kindOf(method)] += 1;
    return performance.now();
  }

  /** It was answered, or refused. */
  ended(method: string | undefined, asked: Asked, code: number, beganAt: number): void {
    this.#inflight[kindOf(method)] -= 1;
    const { route } = asked;
    const verb = verbOf(method, asked);
    const { group = '', version = '', plural = '', subresource = '' } = route ?? {};
    const scope = route === undefined ? '' : route.name ? 'resource' : route.namespace ? 'namespace' : 'cluster';
    this.#requests.add(1, verb, group, version, plural, subresource, scope, String(code));
    if (verb !== 'WATCH')
      this.#duration.observe((performance.now() - beganAt) / 1000, verb, group, plural, subresource, scope);
  }

  #describe({ store, hub, file }: ApiState): void {
    const { meter } = this;
    const resource = () => atMost(MAX_RESOURCES);
    meter.gauge(
      {
        name: 'apiserver_current_inflight_requests',
        help: 'Requests that are being answered, this one included.',
        labels: { request_kind: oneOf(['readOnly', 'mutating']) },
      },
      (set) => {
        for (const [kind, count] of Object.entries(this.#inflight)) set(count, kind);
      },
    );
    meter.gauge(
      {
        name: 'apiserver_longrunning_requests',
        help: 'Watches that are open.',
        labels: { verb: oneOf(['WATCH']), resource: resource() },
      },
      (set) => {
        for (const [name, count] of hub.counts()) set(count, 'WATCH', wordsOf(name));
      },
    );
    meter.gauge(
      { name: 'apiserver_storage_objects', help: 'Objects in the store.', labels: { resource: resource() } },
      (set) => {
        for (const name of store.resources()) set(store.count(name), wordsOf(name));
      },
    );
    meter.gauge({ name: 'carnival_store_revision', help: 'The newest resourceVersion.' }, (set) => set(store.revision));
    meter.gauge({ name: 'apiserver_storage_size_bytes', help: 'Size of the database with its log.' }, (set) => {
      if (file !== undefined) set(sizeOf(file) + sizeOf(`${file}-wal`));
    });
  }
}

const sizeOf = (file: string): number => statSync(file, { throwIfNoEntry: false })?.size ?? 0;

/** `objectives.darkcarnival.dev` of `darkcarnival.dev/objectives`, as the real server writes it. */
function wordsOf(storage: string): string {
  const [group = '', plural = ''] = storage.split('/');
  return group === '' ? plural : `${plural}.${group}`;
}

const kindOf = (method: string | undefined) => (READS.has(method ?? '') ? 'readOnly' : 'mutating');

function verbOf(method = '', { route, isWatch, isApply }: Asked): string {
  if (method === 'GET' && route) return isWatch ? 'WATCH' : route.name ? 'GET' : 'LIST';
  if (method === 'DELETE' && route && !route.name) return 'DELETECOLLECTION';
  return method === 'PATCH' && isApply ? 'APPLY' : method;
}
