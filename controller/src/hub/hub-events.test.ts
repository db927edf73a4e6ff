import { type WagonEvent, wagonEventSchema } from '@dark-carnival/crds';
import { anObjective, aWagon } from '@dark-carnival/crds/testing';
import { eventually } from '@dark-carnival/kube/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { StreamReader, startTestHub, type TestHub } from '../../testing/hub/test-hub.ts';
import { startReadyWagon, startTestWagon, type TestWagon } from '../../testing/hub/test-wagon.ts';

const UID = 'uid-of-tide-chart';
const PATH = '/apis/darkcarnival.dev/v1alpha1/namespaces/default/objectives/tide-chart';
const at = '2026-11-24T10:00:00Z';
const ofJob = { at, objective: { namespace: 'default', name: 'tide-chart', uid: UID }, jobID: `${UID}.debate.1.1` };

const hello = (epoch: string): WagonEvent => ({ type: 'hello', seq: 0, at, epoch, oldest: 1 });
const delta = (seq: number, text: string): WagonEvent => ({
  type: 'turn-delta',
  seq,
  ...ofJob,
  round: 1,
  seat: 'visionary',
  text,
});
const turnEnd = (seq: number, text: string): WagonEvent => ({
  type: 'turn-end',
  seq,
  ...ofJob,
  round: 1,
  seat: 'visionary',
  outcome: 'Answered',
  tokens: 5,
  text,
});

describe('the live debate', () => {
  let test: TestHub;
  let wagon: TestWagon;
  const aborts: AbortController[] = [];

  beforeEach(async () => {
    test = await startTestHub();
    wagon = await startReadyWagon(test);
    runOn('lxc-core');
  });
  afterEach(async () => {
    for (const abort of aborts.splice(0)) abort.abort();
    await test.close();
    await wagon.close();
  });

  function runOn(wagonName: string): void {
    const objective = anObjective({ metadata: { uid: UID }, status: { phase: 'Debating', wagonName } });
    test.api.put(PATH, objective);
    test.objectives.put(objective);
  }
  async function follow(query = '', headers: Record<string, string> = {}): Promise<StreamReader> {
    const abort = new AbortController();
    aborts.push(abort);
    const answer = await test.ask(`/api/objectives/tide-chart/events${query}`, { signal: abort.signal, headers });
    expect(answer.headers.get('content-type')).toContain('text/event-stream');
    return new StreamReader(answer);
  }
  const streamsOpen = (of: TestWagon, count: number) => eventually(() => expect(of.streams).toHaveLength(count));
  const nextEvent = async (reader: StreamReader) => {
    const frame = await reader.until(({ event }) => event === '');
    return { id: frame.id, event: wagonEventSchema.parse(frame.data) };
  };

  it('shows what a wagon says while it says it, and asks it for this Objective only', async () => {
    const reader = await follow();
    await streamsOpen(wagon, 1);
    wagon.emit(hello('start-1'));
    wagon.emit(delta(1, 'Imagine'));
    expect((await nextEvent(reader)).event).toMatchObject({ type: 'turn-delta', text: 'Imagine', seq: 1 });
    const [asked] = wagon.server.requests;
    expect(`${asked?.url.pathname}${asked?.url.search}`).toBe(`/api/events?after=0&objective=${UID}`);
  });

  it('opens one stream for all listeners, and tells a late one the debate from its beginning', async () => {
    const first = await follow();
    await streamsOpen(wagon, 1);
    wagon.emit(hello('start-1'));
    wagon.emit(delta(1, 'Ima'));
    wagon.emit(delta(2, 'gine'));
    wagon.emit(turnEnd(3, 'Imagine'));
    await first.until(({ data }) => (data as WagonEvent).type === 'turn-end');
    const late = await follow();
    // The whole turn is there: its pieces are not told again.
    expect((await nextEvent(late)).event).toMatchObject({ type: 'turn-end', text: 'Imagine' });
    expect(wagon.streams).toHaveLength(1);
  });

  it('goes on behind the last event that a browser saw', async () => {
    const first = await follow();
    await streamsOpen(wagon, 1);
    wagon.emit(hello('start-1'));
    wagon.emit(turnEnd(1, 'one'));
    const { id } = await nextEvent(first);
    wagon.emit(turnEnd(2, 'two'));
    await nextEvent(first);
    const again = await follow('', { 'last-event-id': id });
    expect((await nextEvent(again)).event).toMatchObject({ text: 'two' });
    const byNumber = await follow('?after=1');
    expect((await nextEvent(byNumber)).event).toMatchObject({ text: 'two' });
    expect((await test.ask('/api/objectives/tide-chart/events?after=soon')).status).toBe(400);
  });

  it('passes on nothing that concerns another Objective, or that no wagon says', async () => {
    const reader = await follow();
    await streamsOpen(wagon, 1);
    wagon.emit(hello('start-1'));
    wagon.emit({
      ...delta(1, 'theirs'),
      objective: { namespace: 'default', name: 'other', uid: 'uid-2' },
    } as WagonEvent);
    wagon.emit({ type: 'turn-delta', seq: 2, text: 42 } as never);
    wagon.emit({ type: 'log', seq: 3, at, level: 'info', message: 'about nobody' });
    wagon.emit(delta(4, 'ours'));
    expect((await nextEvent(reader)).event).toMatchObject({ text: 'ours' });
  });

  it('comes back after the wagon broke the stream, and does not tell twice', async () => {
    const reader = await follow();
    await streamsOpen(wagon, 1);
    wagon.emit(hello('start-1'));
    wagon.emit(delta(1, 'one'));
    await nextEvent(reader);
    wagon.server.reset();
    await reader.until(({ event, data }) => event === 'source' && (data as { state: string }).state === 'lost');
    await streamsOpen(wagon, 1);
    expect(wagon.server.requests.at(-1)?.url.searchParams.get('after')).toBe('1');
    wagon.emit(hello('start-1'));
    wagon.emit(delta(1, 'one'));
    wagon.emit(delta(2, 'two'));
    expect((await nextEvent(reader)).event).toMatchObject({ text: 'two' });
  });

  it('asks a wagon that was started anew from its first event on', async () => {
    const reader = await follow();
    await streamsOpen(wagon, 1);
    wagon.emit(hello('start-1'));
    wagon.emit(delta(8, 'old'));
    await nextEvent(reader);
    wagon.server.reset();
    await eventually(() => expect(wagon.server.requests.at(-1)?.url.searchParams.get('after')).toBe('8'));
    await streamsOpen(wagon, 1);
    wagon.emit(hello('start-2'));
    await eventually(() => expect(wagon.server.requests.at(-1)?.url.searchParams.get('after')).toBe('0'));
    await streamsOpen(wagon, 1);
    wagon.emit(hello('start-2'));
    wagon.emit(delta(1, 'new'));
    expect((await nextEvent(reader)).event).toMatchObject({ text: 'new', seq: 1 });
  });

  it('follows an Objective to another wagon', async () => {
    const other = await startTestWagon();
    test.wagons.put(
      aWagon({
        metadata: { name: 'lxc-osint' },
        spec: { nodeID: 'LXC-OSINT' },
        status: { phase: 'Ready', address: other.server.url },
      }),
    );
    test.tokens.set('lxc-osint', 'other-token');
    const reader = await follow();
    await streamsOpen(wagon, 1);
    wagon.emit(hello('start-1'));
    wagon.emit(delta(5, 'here'));
    await nextEvent(reader);
    runOn('lxc-osint');
    await streamsOpen(other, 1);
    await streamsOpen(wagon, 0);
    other.emit(hello('start-9'));
    other.emit(delta(1, 'there'));
    expect((await nextEvent(reader)).event).toMatchObject({ text: 'there' });
    await other.close();
  });

  it('ends with the Objective, and with the hub', async () => {
    const reader = await follow();
    await streamsOpen(wagon, 1);
    const objective = test.objectives.store.get('default/tide-chart');
    if (objective) test.objectives.remove(objective);
    expect((await reader.until(({ event }) => event === 'end')).data).toEqual({ reason: 'Deleted' });
    expect(await reader.next()).toBeUndefined();
    await streamsOpen(wagon, 0);
  });

  it('answers 404 for an Objective that is not there', async () => {
    expect((await test.ask('/api/objectives/nothing/events')).status).toBe(404);
    expect((await test.ask('/api/objectives/No%2FNo/events')).status).toBe(400);
  });
});
