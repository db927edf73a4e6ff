import { lookup } from 'node:dns';
import { isIP } from 'node:net';
import type { buildConnector, Dispatcher } from 'undici';
import { type AddressPolicy, LOCAL_MODE } from './address-policy.ts';
import { refusedURLReason } from './endpoint-guard.ts';
import type { Endpoint } from './families.ts';
import {
  addressesAt,
  guardedLookup,
  type LookupRules,
  RefusedAddress,
  type ResolveAll,
  refusedAddressReason,
} from './guarded-lookup.ts';
import { ProviderError } from './provider-error.ts';

/** undici's `fetch` in the types of the global one: both are the standard's, under two names. */
type UndiciFetch = (url: URL, init: object) => Promise<Response>;
interface OpenPool {
  fetch: UndiciFetch;
  dispatcher: Dispatcher;
}

export interface PoolOptions {
  /** Which private places providers may be at; absent: all, as on a machine of one's own. */
  policy?: AddressPolicy;
  /** `host:port` pairs of our own that no provider may point at, nor any name that leads there. */
  refusedHosts?: readonly string[];
  /** How names are resolved; absent: as the system does. */
  resolve?: ResolveAll;
}

/** One pool of connections for all providers of a wagon, loaded on the first call: undici costs 29 MB of memory that a rehearsal never needs. */
export class ConnectionPool {
  readonly #options: PoolOptions;
  #agent: Promise<OpenPool> | undefined;
  /** For providers that are local by nature (Ollama, a bridge): whatever the policy, they may be at a private address. */
  #nearAgent: Promise<OpenPool> | undefined;

  constructor(options: PoolOptions = {}) {
    this.#options = options;
  }

  /** `fetch` and the dispatcher that guards it. */
  open(isNear = false): Promise<OpenPool> {
    const { policy = LOCAL_MODE } = this.#options;
    if (policy.privateRanges === 'Allowed' || !isNear) {
      this.#agent ??= this.#make(policy);
      return this.#agent;
    }
    this.#nearAgent ??= this.#make(LOCAL_MODE);
    return this.#nearAgent;
  }

  async #make(policy: AddressPolicy): Promise<OpenPool> {
    const { Agent, buildConnector: build, fetch } = await import('undici');
    const { resolve = lookup, refusedHosts = [] } = this.#options;
    const connect = guardedConnector(build, { policy, refusedHosts, resolve });
    // Deadlines are the factory's, over the whole call; a model may think for minutes before its first byte.
    const options = { connect, headersTimeout: 0, bodyTimeout: 0, maxResponseSize: MAX_RESPONSE_BYTES };
    return { fetch: fetch as unknown as UndiciFetch, dispatcher: new Agent(options) };
  }

  /** Closes idle connections; calls in flight end first. */
  async close(): Promise<void> {
    const agents = [this.#agent, this.#nearAgent];
    this.#agent = undefined;
    this.#nearAgent = undefined;
    for (const agent of agents) if (agent) await (await agent).dispatcher.close();
  }
}

/** Judges every address where the connection is made; numbers in a URL are never looked up, so they are judged beside. */
function guardedConnector(
  build: typeof buildConnector,
  { policy, refusedHosts, resolve }: Required<PoolOptions>,
): buildConnector.connector {
  return (options, callback) => {
    const host = options.hostname.replace(/^\[|\]$/g, '');
    const port = Number(options.port || (options.protocol === 'https:' ? 443 : 80));
    addressesAt(port, refusedHosts, resolve).then(
      (refused) => {
        const rules: LookupRules = { policy, refused };
        const reason = isIP(host) === 0 ? undefined : refusedAddressReason(host, rules);
        if (reason !== undefined) callback(new RefusedAddress(`${host} is an address ${reason}`), null);
        else build({ lookup: guardedLookup(resolve, rules), timeout: CONNECT_TIMEOUT_MS })(options, callback);
      },
      (error: unknown) => callback(error instanceof Error ? error : new Error('no addresses'), null),
    );
  };
}

const CONNECT_TIMEOUT_MS = 10_000;
/** No answer to a bounded question is larger; an endpoint that never stops is cut off. */
const MAX_RESPONSE_BYTES = 16 * 1024 * 1024;
/** Headers of an SDK that are passed on. The rest would tell endpoints about this machine, or carry what a stray variable put there. */
const PASSED_HEADERS = ['accept', 'content-type', 'anthropic-version'] as const;

export interface GuardedFetchOptions {
  provider: string;
  endpoint: Endpoint;
  pool: ConnectionPool;
  refusedHosts: readonly string[];
  /** Whether the provider is local by nature, so that a private address is where it belongs. */
  isNear?: boolean;
}

/**
 * A `fetch` for one provider. The key is added here, so no SDK ever holds it, and only to the provider's own origin. Redirects are not
 * followed; refused addresses are never connected to; an answer that is neither JSON nor an event stream is no answer of an API.
 */
export function createGuardedFetch(options: GuardedFetchOptions): typeof fetch {
  const { provider, endpoint, pool, refusedHosts, isNear = false } = options;
  const origin = new URL(endpoint.baseURL).origin;
  const refuse = (reason: string) =>
    new ProviderError('bad-request', `${provider}: the endpoint is refused: ${reason}`, { provider });
  return async (input, init) => {
    const url = new URL(input instanceof Request ? input.url : input);
    const reason = url.origin === origin ? refusedURLReason(url, refusedHosts) : 'it is not the place of its key';
    if (reason !== undefined) throw refuse(reason);
    const { fetch, dispatcher } = await pool.open(isNear);
    const guarded = { ...init, headers: headersFor(endpoint, init?.headers), redirect: 'manual', dispatcher };
    const response = await fetch(url, guarded).catch((error: unknown) => {
      throw isRefusal(error) ? refuse(error.cause.message) : error;
    });
    const misfit = misfitReason(response);
    if (misfit === undefined) return response;
    await response.body?.cancel().catch(() => undefined);
    throw new ProviderError(misfit.kind, `${provider} (${url.host}, ${response.status}) ${misfit.words}`, {
      provider,
      status: response.status,
      spent: { inputTokens: 0, outputTokens: 0, calls: 1 },
    });
  };
}

function headersFor({ authorization }: Endpoint, given: RequestInit['headers']): Record<string, string> {
  const known = new Headers(given);
  const headers: Record<string, string> = { 'user-agent': 'dark-carnival' };
  for (const name of PASSED_HEADERS) {
    const value = known.get(name);
    if (value !== null) headers[name] = value;
  }
  if (authorization) headers[authorization.header] = authorization.value;
  return headers;
}

const isRefusal = (error: unknown): error is Error & { cause: RefusedAddress } =>
  error instanceof Error && error.cause instanceof RefusedAddress;

function misfitReason(response: Response): { kind: 'bad-request' | 'unusable'; words: string } | undefined {
  if (response.status >= 300 && response.status < 400)
    return { kind: 'bad-request', words: 'answered with a redirect, which is not followed: set the final endpoint' };
  const type = response.headers.get('content-type') ?? '';
  if (response.ok && /text\/html|application\/xhtml/i.test(type))
    return { kind: 'unusable', words: 'answered with a web page: the endpoint is not an API' };
  return undefined;
}
