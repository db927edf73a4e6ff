import type { Objective, ObjectiveStatus } from '@dark-carnival/crds';
import { anObjective, FakeClock } from '@dark-carnival/crds/testing';
import { attemptSpanId, type EndedSpan, rootSpanId, type Tracing, traceIdOf } from '@dark-carnival/telemetry';
import { describe, expect, it } from 'vitest';
import { ObjectiveSpans } from './objective-spans.ts';

const UID = '6a1f0c8e-0000-4000-8000-000000000001';
const HASH = `sha256:${'a'.repeat(64)}`;
const iso = (ms: number) => new Date(ms).toISOString();

/** A controller that writes one status after the other, and what it traces. */
function aStory(startMs = Date.parse('2026-01-01T00:00:00Z')) {
  const clock = new FakeClock(startMs);
  const spans: EndedSpan[] = [];
  const tracing: Tracing = {
    isOn: true,
    capturesContent: false,
    isSampled: () => true,
    record: (span) => void spans.push(span),
    stop: async () => {},
  };
  let observer = new ObjectiveSpans(() => tracing, clock);
  const metadata = { name: 'tide', namespace: 'default', uid: UID, creationTimestamp: iso(startMs) };
  let object: Objective = { ...anObjective({ metadata }), status: {} };
  return {
    spans,
    /** Another process leads from now on, and remembers nothing. */
    restart: () => {
      observer = new ObjectiveSpans(() => tracing, clock);
    },
    write: async (afterMs: number, change: (status: ObjectiveStatus, now: string) => ObjectiveStatus) => {
      await clock.advance(afterMs);
      const after = { ...object, status: change(object.status ?? {}, iso(clock.now())) };
      observer.wrote(object, after);
      object = after;
    },
  };
}

const round = (number: number, attempt: number) => ({ round: number, attempt, inputsDigest: HASH });
const request = (id: string, at: string) => ({
  ...{ id, planHash: HASH, requestedAt: at, feedbackLeft: 5, forecast: { tokens: 1 } },
});
const decision = (requestID: string, at: string) => ({
  ...{ requestID, planHash: HASH, decision: 'Approve' as const, decidedBy: 'ada', at, prevHash: HASH },
});
const task = (state: 'Running' | 'Succeeded' | 'Failed' | 'Pending', attempt: number) => ({
  ...{ id: 't1', title: 'One', kind: 'File' as const, state, attempt, wagonName: 'core', message: 'no' },
});

async function toTheGate({ write }: ReturnType<typeof aStory>): Promise<void> {
  await write(1000, (_, now) => ({ phase: 'Scheduled', wagonName: 'core', startTime: now, debate: round(1, 1) }));
  await write(500, (status) => ({ ...status, phase: 'Debating' }));
  await write(2000, (status) => ({ ...status, debate: round(1, 2) }));
  await write(3000, (status, now) => ({ ...status, phase: 'AwaitingHuman', approvalRequest: request('q-1', now) }));
}

async function toTheEnd({ write }: ReturnType<typeof aStory>, end: 'Completed' | 'Failed'): Promise<void> {
  await write(60_000, ({ approvalRequest: _, ...status }, now) => ({
    ...{ ...status, phase: 'Executing', decisions: [decision('q-1', now)] },
  }));
  await write(100, (status) => ({ ...status, tasks: [task('Running', 1)] }));
  await write(4000, (status) => ({ ...status, tasks: [task('Running', 2)] }));
  await write(5000, (status, now) => ({
    ...{ ...status, tasks: [task(end === 'Completed' ? 'Succeeded' : 'Failed', 2)], phase: end, completionTime: now },
  }));
}

const brief = (spans: EndedSpan[]) =>
  spans.map(({ name, startMs, endMs, error }) => [name, endMs - startMs, error ?? 'ok'] as const);

describe('the spans of an Objective', () => {
  it('are one trace: queue, attempts at rounds and tasks, the gate, the execution, and the whole at the end', async () => {
    const story = aStory();
    await toTheGate(story);
    await toTheEnd(story, 'Completed');
    expect(brief(story.spans)).toEqual([
      ['queue', 1000, 'ok'],
      ['debate round 1', 2500, 'the attempt was given up'],
      ['debate round 1', 3000, 'ok'],
      ['awaiting human', 60_000, 'ok'],
      ['task', 4000, 'no'],
      ['task', 5000, 'ok'],
      ['execution', 9100, 'ok'],
      ['objective', 1000 + 500 + 2000 + 3000 + 60_000 + 9100, 'ok'],
    ]);
    expect(new Set(story.spans.map(({ traceId }) => traceId))).toEqual(new Set([traceIdOf(UID)]));
    expect(new Set(story.spans.map(({ spanId }) => spanId)).size).toBe(8);
    const root = story.spans.at(-1);
    expect(root).toMatchObject({ spanId: rootSpanId(UID), parentSpanId: undefined });
    expect(story.spans.slice(0, -1).every(({ parentSpanId }) => parentSpanId === rootSpanId(UID))).toBe(true);
    expect(story.spans[2]?.spanId).toBe(attemptSpanId(`${UID}.debate.1.2`));
    expect(story.spans[5]?.spanId).toBe(attemptSpanId(`${UID}.task.t1.2`));
  });

  it('have the same ids where another process leads in between, and begin where status says', async () => {
    const whole = aStory();
    await toTheGate(whole);
    await toTheEnd(whole, 'Completed');
    const broken = aStory();
    await toTheGate(broken);
    broken.restart();
    await broken.write(60_000, ({ approvalRequest: _, ...status }, now) => ({
      ...{ ...status, phase: 'Executing', decisions: [decision('q-1', now)], tasks: [task('Running', 1)] },
    }));
    broken.restart();
    await broken.write(4100, (status) => ({ ...status, tasks: [task('Running', 2)] }));
    broken.restart();
    await broken.write(5000, (status) => ({ ...status, tasks: [task('Succeeded', 2)], phase: 'Completed' }));
    const ids = ({ spans }: typeof whole) => spans.map(({ spanId }) => spanId);
    expect(ids(broken)).toEqual(ids(whole));
    const task1 = broken.spans.find(({ spanId }) => spanId === attemptSpanId(`${UID}.task.t1.1`));
    expect((task1?.endMs ?? 0) - (task1?.startMs ?? 0)).toBe(4100);
  });

  it('say why it failed, and give a retry a span of its own below the first', async () => {
    const story = aStory();
    await toTheGate(story);
    await toTheEnd(story, 'Failed');
    expect(story.spans.at(-1)).toMatchObject({
      name: 'objective',
      error: 'Failed',
      attributes: { 'error.type': 'Failed' },
    });
    await story.write(1000, (status) => ({
      ...status,
      phase: 'Executing',
      retriesTaken: 1,
      tasks: [task('Running', 3)],
    }));
    await story.write(1000, (status) => ({ ...status, phase: 'Completed', tasks: [task('Succeeded', 3)] }));
    const retry = story.spans.at(-1);
    expect(retry).toMatchObject({ name: 'objective retry 1', parentSpanId: rootSpanId(UID), error: undefined });
    expect(new Set(story.spans.map(({ spanId }) => spanId)).size).toBe(story.spans.length);
  });

  it('are none for a write that ends nothing', async () => {
    const story = aStory();
    await story.write(10, () => ({ phase: 'Pending', queue: { reason: 'NoWagon', since: iso(0) } }));
    expect(story.spans).toEqual([]);
  });
});
