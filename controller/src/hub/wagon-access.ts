import { nodeIdToName, type Wagon } from '@dark-carnival/crds';
import type { Clock } from '@dark-carnival/crds/clock';
import type { z } from 'zod';
import type { Unreachable, WagonTarget } from '../ports/wagon-client.ts';
import type { WagonAnswer, WagonProxy, WagonRequest } from '../ports/wagon-proxy.ts';
import type { WagonTokens } from '../ports/wagon-tokens.ts';
import { piecesOf, readBounded } from './bounded-body.ts';
import type { HubCache } from './hub-deps.ts';
import { notFound, unavailable } from './hub-error.ts';

export interface WagonAccessOptions {
  wagons: HubCache<Wagon>;
  tokens: WagonTokens;
  proxy: WagonProxy;
  clock: Clock;
}

/** JSON from a wagon is read up to this size, and waited for this long. */
const MAX_JSON_BYTES = 8 * 1024 * 1024;
const DEADLINE_MS = 10_000;

/** A wagon's answer whose body can be left at any moment. */
export interface WagonReply extends Pick<WagonAnswer, 'outcome' | 'status' | 'headers'> {
  /** May be read once; leaving it ends the request. */
  body: AsyncIterable<Uint8Array>;
  /** Ends the request, for a body that nobody wants. */
  discard(): void;
}

export type JsonOutcome<T> = { outcome: 'answered'; value: T } | { outcome: 'absent' } | Unreachable;

/** The hub's way to wagons: by the name that people use, at the address that the controller vouches for, with the wagon's own token. */
export class WagonAccess {
  readonly #options: WagonAccessOptions;

  constructor(options: WagonAccessOptions) {
    this.#options = options;
  }

  /** @throws HubError 503 while the cache is empty because it is not filled yet: nobody is called unknown on that ground. */
  requireSynced(): void {
    if (!this.#options.wagons.hasSynced) throw unavailable('Starting', 'the hub is still reading the cluster');
  }

  /** The wagon of a namespace by either spelling, `LXC-CORE` or `lxc-core`. @throws HubError 404 that names the ones there are. */
  find(namespace: string, node: string): Wagon {
    this.requireSynced();
    const wagon = this.#options.wagons.store.get(`${namespace}/${nodeIdToName(node)}`);
    if (wagon && (node === wagon.metadata.name || node === wagon.spec?.nodeID)) return wagon;
    const known = this.list(namespace).map(({ metadata }) => metadata.name);
    const names = known.length === 0 ? 'there is none yet' : `there are ${known.slice(0, 20).join(', ')}`;
    throw notFound(`no wagon ${JSON.stringify(node.slice(0, 64))} in namespace ${namespace}: ${names}`);
  }

  /** The wagons of a namespace, by name. */
  list(namespace: string): Wagon[] {
    const wagons = this.#options.wagons.store.byIndex('namespace', namespace);
    return wagons.sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
  }

  /** Where and how a wagon is called; why it cannot be, where it cannot. @throws when the API server cannot be asked for its token. */
  async target({ metadata, status }: Wagon): Promise<WagonTarget | Unreachable> {
    const { name, namespace = '' } = metadata;
    if (!status?.address) return { outcome: 'unreachable', message: 'it has no address yet' };
    const token = await this.#options.tokens.tokenOf(namespace, name);
    if (token === undefined) return { outcome: 'unreachable', message: `Secret ${name}-token is missing` };
    const { address, tlsFingerprint } = status;
    return { namespace, name, address, tlsFingerprint, token };
  }

  /** Passes a request on. Never rejects for what the wagon does. @throws as `target` */
  async forward(wagon: Wagon, request: WagonRequest): Promise<WagonReply | Unreachable> {
    const target = await this.target(wagon);
    if ('outcome' in target) return target;
    const abort = new AbortController();
    const signal = request.signal ? AbortSignal.any([request.signal, abort.signal]) : abort.signal;
    const answer = await this.#options.proxy.forward(target, { ...request, signal });
    if (answer.outcome === 'unreachable') return answer;
    const { outcome, status, headers, body } = answer;
    return { outcome, status, headers, body: piecesOf(body, abort), discard: () => abort.abort() };
  }

  /** Asks for JSON of a known shape, within bounds. Never rejects for what the wagon does. */
  async json<T>(wagon: Wagon, path: string, schema: z.ZodType<T>): Promise<JsonOutcome<T>> {
    const abort = new AbortController();
    const timer = this.#options.clock.setTimeout(() => abort.abort(), DEADLINE_MS);
    try {
      const answer = await this.forward(wagon, { method: 'GET', path, signal: abort.signal });
      if (answer.outcome === 'unreachable') return answer;
      const text = await readBounded(answer.body, MAX_JSON_BYTES);
      if (answer.status === 404) return { outcome: 'absent' };
      if (answer.status !== 200) return { outcome: 'unreachable', message: `it answered ${answer.status}` };
      const parsed = schema.safeParse(JSON.parse(text));
      if (!parsed.success) return { outcome: 'unreachable', message: 'its answer is not what a wagon says' };
      return { outcome: 'answered', value: parsed.data };
    } catch {
      const message = abort.signal.aborted
        ? `no answer within ${DEADLINE_MS / 1000} s`
        : 'its answer is not what a wagon says';
      return { outcome: 'unreachable', message };
    } finally {
      this.#options.clock.clearTimeout(timer);
    }
  }
}
