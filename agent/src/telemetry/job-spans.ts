import { parseJobID, type Seat } from '@dark-carnival/crds';
import type { Clock } from '@dark-carnival/crds/clock';
import { attemptSpanId, jobSpanId, spanIdOf, type Tracing, traceIdOf } from '@dark-carnival/telemetry';
import type { DebateEvent } from '../debate/round.ts';
import type { JobObserver } from '../jobs/job-observer.ts';
import type { JobRecord } from '../journal/job-record.ts';

export const turnSpanId = (jobID: string, seat: Seat): string => spanIdOf(jobID, 'turn', seat);

/** Turns that are under way at most: every job of a wagon has one. */
const MAX_OPEN = 256;

/** Makes the spans of jobs and of the turns in them. A job that went over a restart is one span, from its first start. */
export class JobSpans implements JobObserver {
  readonly #tracing: () => Tracing;
  readonly #clock: Clock;
  /** When each turn that is under way began. */
  readonly #began = new Map<string, number>();

  constructor(tracing: () => Tracing, clock: Clock) {
    this.#tracing = tracing;
    this.#clock = clock;
  }

  heard({ id, objective }: Parameters<JobObserver['heard']>[0], event: DebateEvent): void {
    if (event.type === 'turn-delta' || !this.#tracing().isOn) return;
    const spanId = turnSpanId(id, event.seat);
    const now = this.#clock.now();
    if (event.type === 'turn-start') {
      // Told again with each try: the turn began with the first.
      if (!this.#began.has(spanId) && this.#began.size < MAX_OPEN) this.#began.set(spanId, now);
      return;
    }
    const startMs = this.#began.get(spanId) ?? now;
    this.#began.delete(spanId);
    const { round, seat, outcome, provider, tokens } = event;
    this.#tracing().record({
      traceId: traceIdOf(objective.uid),
      spanId,
      parentSpanId: jobSpanId(id),
      name: `invoke_agent ${seat}`,
      startMs,
      endMs: now,
      attributes: {
        'gen_ai.operation.name': 'invoke_agent',
        'gen_ai.agent.name': seat,
        'gen_ai.conversation.id': objective.uid,
        'darkcarnival.debate.round': round,
        'darkcarnival.provider': provider,
        'darkcarnival.tokens': tokens,
        ...(outcome === 'Failed' ? { 'error.type': 'TurnFailed' } : {}),
      },
      error: outcome === 'Failed' ? 'the seat gave no answer that could be used' : undefined,
    });
  }

  ended({ id, objective, state, reason, message, acceptedAt, startedAt, finishedAt }: JobRecord): void {
    if (!this.#tracing().isOn) return;
    const { kind = 'job', part = '', attempt = 0 } = parseJobID(id) ?? {};
    this.#tracing().record({
      traceId: traceIdOf(objective.uid),
      spanId: jobSpanId(id),
      parentSpanId: attemptSpanId(id),
      name: kind === 'debate' ? `job debate ${part}` : `job ${kind}`,
      startMs: Date.parse(startedAt ?? acceptedAt),
      endMs: finishedAt === undefined ? this.#clock.now() : Date.parse(finishedAt),
      attributes: {
        'darkcarnival.job.id': id,
        'darkcarnival.job.part': String(part),
        'darkcarnival.job.attempt': attempt,
        'darkcarnival.job.state': state,
        'darkcarnival.objective.name': objective.name,
        'k8s.namespace.name': objective.namespace,
        ...(state === 'Failed' ? { 'error.type': reason ?? 'Internal' } : {}),
      },
      error: state === 'Failed' ? (message ?? reason ?? 'failed') : undefined,
    });
  }
}
