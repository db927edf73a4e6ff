import { type Clock, sleep } from '@dark-carnival/crds/clock';
import {
  type KubeRequest,
  type KubeResponse,
  type KubeStream,
  type Transport,
  TransportError,
} from '@dark-carnival/kube';
import { operationOf } from './operation.ts';
import { type Fault, Judge, type Rule } from './rule.ts';
import { Trace, type TraceEntry } from './trace.ts';

export interface FaultsOptions {
  seed: number;
  clock: Clock;
  /** Makes the server forget its history. Without it the fault `compact` is refused. */
  compact?: () => void;
}

/** How long a frozen request waits where it sets no deadline of its own: the transport's default. Milliseconds. */
const FROZEN_REQUEST_MS = 30_000;

/**
 * Goes wrong between a client and its API server, as rules say and a seed decides. The first rule that has something for a request decides. What each
 * request meets depends on the seed, on what it is and on how many of its kind came before, and on nothing else.
 */
export class Faults {
  readonly seed: number;
  readonly trace = new Trace();
  readonly #options: FaultsOptions;
  readonly #judges: readonly Judge[];
  readonly #occurrences = new Map<string, number>();
  #thaw = new AbortController();
  #startedAt: number | undefined;
  #hasCrashed = false;

  /** @throws TypeError for a rule that makes no sense */
  constructor(rules: readonly Rule[], options: FaultsOptions) {
    this.seed = options.seed;
    this.#options = options;
    this.#judges = rules.map((rule, id) => new Judge(rule, options.seed, id));
    if (!options.compact && rules.some((rule) => [rule.do].flat().includes('compact'))) {
      throw new TypeError('this server cannot be told to compact: use the faults of a simulator');
    }
  }

  /** The client's process has ended: a new one begins with faults of its own. */
  get hasCrashed(): boolean {
    return this.#hasCrashed;
  }

  /** Whatever was frozen goes on. */
  thaw(): void {
    this.#thaw.abort();
    this.#thaw = new AbortController();
  }

  /** A transport on which these faults happen. Put it below a client's retries to have each attempt judged. */
  through(inner: Transport): Transport {
    return {
      request: (request) => this.#judged(request, (fault) => this.#request(inner, request, fault)),
      stream: (request) => this.#judged(request, (fault) => this.#stream(inner, request, fault)),
      close: () => inner.close(),
    };
  }

  async #judged<T extends { status: number }>(
    request: KubeRequest,
    act: (fault: Fault | undefined) => Promise<T>,
  ): Promise<T> {
    if (this.#hasCrashed) throw gone();
    const entry = this.#enter(request);
    try {
      const answer = await this.#carryOut(entry.fault, act);
      entry.outcome = String(answer.status);
      return answer;
    } catch (error) {
      entry.outcome = error instanceof TransportError ? error.kind : String(error);
      throw error;
    }
  }

  #enter(request: KubeRequest): TraceEntry {
    const { clock } = this.#options;
    const operation = operationOf(request);
    const what = `${operation.verb} ${operation.resource} ${operation.object}`;
    const occurrence = (this.#occurrences.get(what) ?? 0) + 1;
    this.#occurrences.set(what, occurrence);
    // Each judge counts what it is for, also where another one decides.
    const [verdict] = this.#judges
      .map((judge) => judge.verdictOn(operation, occurrence))
      .filter((decided) => decided !== undefined);
    const fault = verdict === 'pass' ? undefined : verdict;
    this.#startedAt ??= clock.monotonic();
    const entry = { atMs: clock.monotonic() - this.#startedAt, operation, occurrence, fault, outcome: '…' };
    this.trace.entries.push(entry);
    return entry;
  }

  /** What is the same for requests and watches. */
  async #carryOut<T>(fault: Fault | undefined, act: (fault: Fault | undefined) => Promise<T>): Promise<T> {
    if (fault === 'drop') throw new TransportError('unreachable', 'simulated: it never arrived', 'ECONNREFUSED');
    if (fault === 'crashBefore') this.#hasCrashed = true;
    if (this.#hasCrashed) throw gone();
    if (fault === 'compact') this.#options.compact?.();
    const answer = await act(fault);
    if (fault === 'crashAfter') this.#hasCrashed = true;
    // Whoever has crashed meanwhile does not hear the answer either.
    if (this.#hasCrashed) throw gone();
    return answer;
  }

  async #request(inner: Transport, request: KubeRequest, fault: Fault | undefined): Promise<KubeResponse> {
    if (typeof fault === 'object' && 'status' in fault) return refusal(fault);
    if (typeof fault === 'object') await this.#delay(fault.delayMs, request.signal);
    if (fault === 'freeze') await this.#frozen(request);
    if (fault === 'duplicate') await inner.request(request);
    const answer = await inner.request(request);
    if (fault === 'appliedButLost') throw new TransportError('timeout', 'simulated: the answer was lost', 'ETIMEDOUT');
    return answer;
  }

  async #stream(inner: Transport, request: KubeRequest, fault: Fault | undefined): Promise<KubeStream> {
    if (typeof fault === 'object' && 'status' in fault) {
      const { body, ...head } = refusal(fault);
      return { ...head, lines: lines([body]) };
    }
    if (typeof fault === 'object') await this.#delay(fault.delayMs, request.signal);
    const stream = await inner.stream(request);
    return { ...stream, lines: this.#told(stream.lines, fault, request.signal) };
  }

  async *#told(inner: AsyncIterable<string>, fault: Fault | undefined, signal: AbortSignal | undefined) {
    if (fault === 'appliedButLost') throw new TransportError('broken', 'simulated: the connection broke', 'ECONNRESET');
    if (fault === 'freeze') await this.#untilThaw(undefined, signal);
    for await (const line of inner) {
      if (this.#hasCrashed) throw gone();
      yield line;
      if (fault === 'duplicate') yield line;
    }
  }

  async #delay(ms: number, signal: AbortSignal | undefined): Promise<void> {
    if (!(await sleep(this.#options.clock, ms, signal))) throw cancelled();
  }

  /** A half-open connection: the client waits until its deadline. */
  async #frozen({ timeoutMs = FROZEN_REQUEST_MS, signal }: KubeRequest): Promise<void> {
    if (await this.#untilThaw(timeoutMs, signal)) return;
    throw new TransportError('timeout', 'simulated: no answer in time', 'ETIMEDOUT');
  }

  /** @returns false after `limitMs`. @throws TransportError when the client gives up before */
  async #untilThaw(limitMs: number | undefined, signal: AbortSignal | undefined): Promise<boolean> {
    const thawed = this.#thaw.signal;
    const either = signal ? AbortSignal.any([thawed, signal]) : thawed;
    const isOver = limitMs === undefined ? await aborted(either) : await sleep(this.#options.clock, limitMs, either);
    if (!thawed.aborted && signal?.aborted) throw cancelled();
    return !isOver;
  }
}

const gone = () => new TransportError('broken', 'simulated: the process has ended', 'ECONNRESET');
const cancelled = () => new TransportError('aborted', 'cancelled', 'ABORT_ERR');

/** Resolves with false once the signal aborts. */
function aborted(signal: AbortSignal): Promise<false> {
  if (signal.aborted) return Promise.resolve(false);
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(false), { once: true }));
}

const REASONS: Readonly<Record<number, string>> = {
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'NotFound',
  409: 'Conflict',
  410: 'Expired',
  429: 'TooManyRequests',
  500: 'InternalError',
  503: 'ServiceUnavailable',
  504: 'Timeout',
};

function refusal({ status, reason, retryAfterSeconds }: Extract<Fault, { status: number }>): KubeResponse {
  const why = reason ?? REASONS[status] ?? 'InternalError';
  const headers = {
    'content-type': 'application/json',
    ...(retryAfterSeconds === undefined ? {} : { 'retry-after': String(retryAfterSeconds) }),
  };
  const body = {
    apiVersion: 'v1',
    kind: 'Status',
    status: 'Failure',
    code: status,
    reason: why,
    message: `simulated: ${why}`,
  };
  return { status, headers, body: JSON.stringify(body) };
}

async function* lines(all: readonly string[]): AsyncIterable<string> {
  yield* all;
}
