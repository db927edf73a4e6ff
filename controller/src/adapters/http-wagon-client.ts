import {
  type Assignment,
  errorBodySchema,
  heartbeatSchema,
  jobStatusSchema,
  type ProviderGrants,
} from '@dark-carnival/crds';
import type { Clock } from '@dark-carnival/crds/clock';
import { attemptSpanId, traceIdOf, traceparent } from '@dark-carnival/telemetry';
import { z } from 'zod';
import type {
  CancelJobOutcome,
  EventListener,
  EventSubscription,
  Garbage,
  GetJobOutcome,
  HoldJobOutcome,
  HoldOrder,
  JobReport,
  ProbeOutcome,
  PutJobOutcome,
  PutProvidersOutcome,
  Unreachable,
  WagonAddress,
  WagonClient,
  WagonTarget,
} from '../ports/wagon-client.ts';
import type { WagonConnections } from './wagon-connections.ts';
import { WagonEventStream } from './wagon-event-stream.ts';
import { type Answer, type Exchange, exchange, NoAnswerError, oneLine, strange, wagonUrl } from './wagon-http.ts';

/** Deadlines. A wagon answers from memory and its journal; only an assignment is large. */
const DEADLINES_MS = { get: 3_000, put: 10_000, cancel: 3_000, hold: 3_000, probe: 3_000, providers: 10_000 } as const;
const DEFAULT_RETRY_AFTER_MS = 2_000;
const MAX_RETRY_AFTER_MS = 60_000;

export interface HttpWagonClientOptions {
  connections: WagonConnections;
  clock: Clock;
  random: () => number;
  /** Whether the spans of a trace are kept, for `traceparent`; absent: they are not. */
  isSampled?: (traceId: string) => boolean;
  /** Replaces deadlines, for tests. */
  deadlinesMs?: Partial<Record<keyof typeof DEADLINES_MS, number>>;
}

/** Speaks HTTP to wagons, and believes nothing that it did not parse. */
export class HttpWagonClient implements WagonClient {
  readonly #options: HttpWagonClientOptions;
  readonly #deadlines: Readonly<Record<keyof typeof DEADLINES_MS, number>>;

  constructor(options: HttpWagonClientOptions) {
    this.#options = options;
    this.#deadlines = { ...DEADLINES_MS, ...options.deadlinesMs };
  }

  async putJob(target: WagonTarget, assignment: Assignment): Promise<PutJobOutcome> {
    const body = JSON.stringify(assignment);
    const answer = await this.#ask(target, jobPath(assignment.id), {
      method: 'PUT',
      body,
      headers: { traceparent: this.#traceparent(assignment) },
      deadlineMs: this.#deadlines.put,
    });
    if ('outcome' in answer) return answer;
    const { status } = answer;
    if (status === 200 || status === 201) {
      const job = readJob(answer, assignment.id);
      return 'outcome' in job ? job : { outcome: status === 201 ? 'accepted' : 'same', job };
    }
    return readRefusal(answer);
  }

  async getJob(target: WagonTarget, id: string): Promise<GetJobOutcome> {
    const answer = await this.#ask(target, jobPath(id), { method: 'GET', deadlineMs: this.#deadlines.get });
    if ('outcome' in answer) return answer;
    if (answer.status === 200) {
      const job = readJob(answer, id);
      return 'outcome' in job ? job : { outcome: 'found', job };
    }
    // A 404 of a proxy on the way says nothing about the job.
    if (answer.status === 404 && errorOf(answer)) return { outcome: 'absent' };
    return { outcome: 'garbage', message: errorOf(answer)?.message ?? strange(answer) };
  }

  async cancelJob(target: WagonTarget, id: string, leaderEpoch: number): Promise<CancelJobOutcome> {
    const path = `${jobPath(id)}?leaderEpoch=${leaderEpoch}`;
    const answer = await this.#ask(target, path, { method: 'DELETE', deadlineMs: this.#deadlines.cancel });
    if ('outcome' in answer) return answer;
    const refusal = errorOf(answer);
    if (answer.status === 200 || answer.status === 204) return { outcome: 'cancelled' };
    if (answer.status === 404 && refusal) return { outcome: 'absent' };
    if (refusal?.code === 'StaleEpoch') return { outcome: 'staleEpoch', message: refusal.message };
    return { outcome: 'unreachable', message: refusal?.message ?? strange(answer) };
  }

  async holdJob(target: WagonTarget, id: string, order: HoldOrder): Promise<HoldJobOutcome> {
    const body = JSON.stringify(order);
    const exchange = { method: 'PUT', body, deadlineMs: this.#deadlines.hold } as const;
    const answer = await this.#ask(target, `${jobPath(id)}/hold`, exchange);
    if ('outcome' in answer) return answer;
    if (answer.status === 200) {
      const job = readJob(answer, id);
      return 'outcome' in job ? job : { outcome: 'ordered', job };
    }
    const refusal = errorOf(answer);
    if (answer.status === 404 && refusal) return { outcome: 'absent' };
    if (refusal?.code === 'StaleEpoch') return { outcome: 'staleEpoch', message: refusal.message };
    return { outcome: 'garbage', message: refusal?.message ?? strange(answer) };
  }

  async probe(where: WagonAddress): Promise<ProbeOutcome> {
    const answer = await this.#send(where, '/healthz', { method: 'GET', deadlineMs: this.#deadlines.probe });
    if ('outcome' in answer) return answer;
    const isJson = String(answer.headers['content-type'] ?? '').startsWith('application/json');
    return answer.status === 200 && isJson
      ? { outcome: 'alive', instanceID: aliveSchema.safeParse(parseJson(answer.text)).data?.instanceID }
      : { outcome: 'unreachable', message: strange(answer) };
  }

  async putProviders(target: WagonTarget, grants: ProviderGrants): Promise<PutProvidersOutcome> {
    const body = JSON.stringify(grants);
    const answer = await this.#ask(target, '/api/providers', {
      method: 'PUT',
      body,
      deadlineMs: this.#deadlines.providers,
    });
    if ('outcome' in answer) return answer;
    if (answer.status === 200 || answer.status === 204) return { outcome: 'stored' };
    const refusal = errorOf(answer);
    return refusal
      ? { outcome: 'refused', message: refusal.message }
      : { outcome: 'unreachable', message: strange(answer) };
  }

  watchEvents(target: WagonTarget, listener: EventListener): EventSubscription {
    const { connections, clock, random } = this.#options;
    return new WagonEventStream({ agent: connections.to(target), clock, random, target, listener });
  }

  /** The wagon works the same ids out by itself: this is for whoever stands between. */
  #traceparent({ id, objective }: Assignment): string {
    const traceId = traceIdOf(objective.uid);
    return traceparent(traceId, attemptSpanId(id), this.#options.isSampled?.(traceId) ?? false);
  }

  #ask(
    { token, ...where }: WagonTarget,
    path: string,
    exchange: Omit<Exchange, 'url' | 'token'>,
  ): Promise<Answer | Unreachable> {
    return this.#send(where, path, { ...exchange, token });
  }

  async #send(where: WagonAddress, path: string, rest: Omit<Exchange, 'url'>): Promise<Answer | Unreachable> {
    const url = wagonUrl(where.address, path);
    if (url === undefined) return { outcome: 'unreachable', message: 'its address is no http URL' };
    try {
      return await exchange(this.#options.connections.to(where), this.#options.clock, { ...rest, url });
    } catch (error) {
      if (error instanceof NoAnswerError) return { outcome: 'unreachable', message: error.message };
      throw error;
    }
  }
}

/** The plan is judged with the whole claim, and by stricter rules: here it may be anything. */
const jobReportSchema = jobStatusSchema.extend({
  debate: jobStatusSchema.shape.debate.unwrap().extend({ plan: z.unknown().optional() }).optional(),
});

/** What `/healthz` tells besides that somebody is there. */
const aliveSchema = z.object({ instanceID: heartbeatSchema.shape.instanceID });

const jobPath = (id: string) => `/api/jobs/${encodeURIComponent(id)}`;

/** A job's status, if it is one and is about this very job. */
function readJob(answer: Answer, id: string): JobReport | Garbage {
  const parsed = jobReportSchema.safeParse(parseJson(answer.text));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const where = issue && issue.path.length > 0 ? ` (${issue.path.join('.')}: ${issue.message})` : '';
    return { outcome: 'garbage', message: oneLine(`${strange(answer)}${where}`) };
  }
  if (parsed.data.id !== id) return { outcome: 'garbage', message: 'it answered about another job' };
  return parsed.data;
}

function readRefusal(answer: Answer): PutJobOutcome {
  // HTML says nothing about the assignment: something between us and the wagon is unwell.
  const refusal = errorOf(answer);
  if (!refusal) return { outcome: 'garbage', message: strange(answer) };
  const { code, message } = refusal;
  // Full, or stopping and soon back: either way the same may be given again later.
  if (answer.status === 429 || code === 'Stopping') return { outcome: 'full', retryAfterMs: retryAfterMs(answer) };
  // Any other 5xx says nothing about the assignment: the wagon is unwell.
  if (answer.status >= 500) return { outcome: 'garbage', message };
  if (code === 'StaleEpoch') return { outcome: 'staleEpoch', message };
  if (code === 'InputsDiffer') return { outcome: 'conflict', inputsDigest: refusal.inputsDigest, message };
  return { outcome: 'refused', message };
}

/** A refusal in the words of the contract; undefined for what somebody else said. */
function errorOf(answer: Answer): { code: string; message: string; inputsDigest: string | undefined } | undefined {
  const body = parseJson(answer.text);
  const parsed = errorBodySchema.safeParse(body);
  if (!parsed.success) return undefined;
  const { code, message } = parsed.data.error;
  const { inputsDigest } = (body as { error: { inputsDigest?: unknown } }).error;
  const held = typeof inputsDigest === 'string' ? inputsDigest : undefined;
  return { code: code.slice(0, 64), message: oneLine(`${answer.status} ${message}`), inputsDigest: held };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function retryAfterMs({ headers }: Answer): number {
  const seconds = Number(headers['retry-after']);
  if (!Number.isFinite(seconds) || seconds < 0) return DEFAULT_RETRY_AFTER_MS;
  return Math.min(seconds * 1000, MAX_RETRY_AFTER_MS);
}
