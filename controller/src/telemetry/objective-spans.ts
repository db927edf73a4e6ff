import type { Objective, ObjectivePhase, ObjectiveStatus } from '@dark-carnival/crds';
import type { Clock } from '@dark-carnival/crds/clock';
import { attemptSpanId, type EndedSpan, rootSpanId, spanIdOf, type Tracing, traceIdOf } from '@dark-carnival/telemetry';
import type { ObjectiveObserver } from '../ports/objective-observer.ts';
import { faultOf, openAttempts } from './attempts.ts';

const ENDS: ReadonlySet<ObjectivePhase> = new Set(['Completed', 'Failed', 'Aborted', 'Expired']);
const isEnded = ({ status }: Objective): boolean => status?.phase !== undefined && ENDS.has(status.phase);

/** Beginnings that are remembered. Beyond it the oldest are forgotten, and their spans begin where status says. */
const MAX_REMEMBERED = 20_000;

/**
 * Makes the spans of Objectives out of the writes of their status: whatever a write ends is a span. A write happens once, whoever leads, and so does its span;
 * where this process dies between a write and the next batch, the span is lost.
 */
export class ObjectiveSpans implements ObjectiveObserver {
  readonly #tracing: () => Tracing;
  readonly #clock: Clock;
  /** When attempts and phases began, as far as this process saw it. */
  readonly #began = new Map<string, number>();

  constructor(tracing: () => Tracing, clock: Clock) {
    this.#tracing = tracing;
    this.#clock = clock;
  }

  wrote(before: Objective, after: Objective): void {
    const { uid } = after.metadata;
    if (uid === undefined || !this.#tracing().isOn) return;
    const now = this.#clock.now();
    this.#queue(before, after, now);
    this.#attempts(uid, before, after, now);
    this.#gate(before, after, now);
    this.#execution(before, after, now);
    if (isEnded(after) && !isEnded(before)) this.#end(before, after, now);
  }

  /** From its creation, or the beginning of a wait, to the first order to a wagon. */
  #queue(before: Objective, after: Objective, now: number): void {
    if (before.status?.startTime !== undefined || after.status?.startTime === undefined) return;
    this.#record(after, {
      spanId: spanIdOf(after.metadata.uid ?? '', 'queue'),
      name: 'queue',
      startMs: createdAt(after, now),
      endMs: now,
      attributes: { 'darkcarnival.queue.reason': before.status?.queue?.reason },
    });
  }

  #attempts(uid: string, before: Objective, after: Objective, now: number): void {
    const was = openAttempts(uid, before.status);
    const is = openAttempts(uid, after.status);
    for (const id of is.keys()) if (!was.has(id)) this.#remember(id, now);
    for (const attempt of was.values()) {
      if (is.has(attempt.id)) continue;
      const error = faultOf(attempt, after.status ?? {});
      this.#record(after, {
        spanId: attemptSpanId(attempt.id),
        name: attempt.kind === 'debate' ? `debate round ${attempt.part}` : 'task',
        startMs: this.#since(attempt.id, lastDecisionAt(before.status) ?? startedAt(before, now)),
        endMs: now,
        attributes: {
          'darkcarnival.job.part': attempt.part,
          'darkcarnival.job.attempt': attempt.attempt,
          'darkcarnival.wagon': attempt.wagonName,
          ...(error === undefined ? {} : { 'error.type': 'AttemptFailed' }),
        },
        error,
      });
    }
  }

  /** Exact to the second: status says when the question was put and when it was answered. */
  #gate(before: Objective, after: Objective, now: number): void {
    const asked = before.status?.approvalRequest;
    if (!asked || after.status?.approvalRequest?.id === asked.id) return;
    const answer = after.status?.decisions?.find(({ requestID }) => requestID === asked.id);
    this.#record(after, {
      spanId: spanIdOf(asked.id, 'gate'),
      name: 'awaiting human',
      startMs: Date.parse(asked.requestedAt),
      endMs: answer ? Date.parse(answer.at) : now,
      attributes: {
        'darkcarnival.request.id': asked.id,
        'darkcarnival.decision': answer?.decision ?? 'None',
        'darkcarnival.decided_by': answer?.decidedBy,
      },
    });
  }

  #execution(before: Objective, after: Objective, now: number): void {
    const was = before.status?.phase === 'Executing';
    const is = after.status?.phase === 'Executing';
    const id = spanIdOf(after.metadata.uid ?? '', 'execution', String(after.status?.retriesTaken ?? 0));
    if (is && !was) this.#remember(id, now);
    if (is || !was) return;
    const failed = after.status?.phase === 'Failed';
    this.#record(after, {
      spanId: id,
      name: 'execution',
      startMs: this.#since(id, lastDecisionAt(before.status) ?? startedAt(before, now)),
      endMs: now,
      attributes: { 'darkcarnival.tasks': after.status?.taskSummary, ...(failed ? { 'error.type': 'Failed' } : {}) },
      error: failed ? whyEnded(after) : undefined,
    });
  }

  /** The first end is the root of the trace; one after a retry is a span below it, so that no id stands for two spans. */
  #end(before: Objective, after: Objective, now: number): void {
    const { uid = '', name, namespace } = after.metadata;
    const { phase, usage, retriesTaken = 0 } = after.status ?? {};
    const isRetry = retriesTaken > 0;
    const error = phase === 'Failed' || phase === 'Expired' ? whyEnded(after) : undefined;
    const span = {
      spanId: isRetry ? spanIdOf(uid, 'retry', String(retriesTaken)) : rootSpanId(uid),
      name: isRetry ? `objective retry ${retriesTaken}` : 'objective',
      startMs: isRetry ? (lastDecisionAt(before.status) ?? startedAt(before, now)) : createdAt(after, now),
      endMs: now,
      attributes: {
        'gen_ai.conversation.id': uid,
        'k8s.namespace.name': namespace,
        'darkcarnival.objective.name': name,
        'darkcarnival.objective.phase': phase,
        'darkcarnival.tokens': usage?.totalTokens,
        'darkcarnival.calls': usage?.calls,
        'darkcarnival.cost_usd': usage?.costUSD === undefined ? undefined : Number(usage.costUSD),
        ...(error === undefined ? {} : { 'error.type': phase }),
      },
      error,
    };
    this.#record(after, span, isRetry ? rootSpanId(uid) : undefined);
  }

  #record({ metadata }: Objective, span: Omit<EndedSpan, 'traceId' | 'parentSpanId'>, parent?: string): void {
    const { uid = '' } = metadata;
    const parentSpanId = span.spanId === rootSpanId(uid) ? undefined : (parent ?? rootSpanId(uid));
    this.#tracing().record({ ...span, traceId: traceIdOf(uid), parentSpanId });
  }

  #remember(id: string, now: number): void {
    const [oldest] = this.#began.keys();
    if (this.#began.size >= MAX_REMEMBERED && oldest !== undefined) this.#began.delete(oldest);
    this.#began.set(id, now);
  }

  /** When something began: as seen, else as status says. */
  #since(id: string, inStatus: number): number {
    const seen = this.#began.get(id);
    this.#began.delete(id);
    return seen ?? inStatus;
  }
}

const createdAt = ({ metadata }: Objective, now: number): number =>
  metadata.creationTimestamp === undefined ? now : Date.parse(metadata.creationTimestamp);

const startedAt = (object: Objective, now: number): number =>
  object.status?.startTime === undefined ? createdAt(object, now) : Date.parse(object.status.startTime);

function lastDecisionAt(status: ObjectiveStatus | undefined): number | undefined {
  const at = status?.decisions?.at(-1)?.at;
  return at === undefined ? undefined : Date.parse(at);
}

function whyEnded({ status }: Objective): string {
  const ready = status?.conditions?.find(({ type }) => type === 'Ready');
  return ready ? `${ready.reason}: ${ready.message}` : (status?.phase ?? 'ended');
}
