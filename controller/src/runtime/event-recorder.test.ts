import { FakeClock } from '@dark-carnival/crds/testing';
import { createTransport, KubeClient, PoolRegistry } from '@dark-carnival/kube';
import { answerJson, type SeenRequest, startHttpServer, type TestServer } from '@dark-carnival/kube/testing';
import { afterEach, describe, expect, it } from 'vitest';
import type { CoreEvent } from './core-event.ts';
import { EventRecorder, type EventRecorderOptions } from './event-recorder.ts';
import { silentLogger } from './logger.ts';

let server: TestServer | undefined;
afterEach(() => server?.close());

/** An API server that keeps Events, over real sockets; `refuse` makes it ill. */
async function aRecorder(options: Partial<EventRecorderOptions> = {}) {
  const events = new Map<string, CoreEvent>();
  const state = { refuse: false };
  const answer = ({ method, url, body }: SeenRequest): [number, unknown] => {
    const name = url.pathname.split('/')[6] ?? '';
    const known = events.get(name);
    if (state.refuse) return [403, { kind: 'Status', code: 403, reason: 'Forbidden' }];
    if (method === 'POST') {
      const event = JSON.parse(body) as CoreEvent;
      if (events.has(event.metadata.name)) return [409, { kind: 'Status', code: 409, reason: 'AlreadyExists' }];
      events.set(event.metadata.name, event);
      return [201, event];
    }
    if (!known) return [404, { kind: 'Status', code: 404, reason: 'NotFound' }];
    if (method === 'PATCH') events.set(name, { ...known, ...JSON.parse(body) });
    return [200, events.get(name)];
  };
  const http = await startHttpServer((request, response) => answerJson(response, ...answer(request)));
  server = http;
  const clock = new FakeClock();
  const client = new KubeClient(createTransport(http.config(), { pools: new PoolRegistry() }));
  const make = () =>
    new EventRecorder({
      client,
      clock,
      logger: silentLogger,
      reporter: { component: 'controller', instance: 'one' },
      ...options,
    });
  const methods = () => http.requests.splice(0).map(({ method }) => method);
  return { recorder: make(), restart: make, events, state, clock, methods };
}

const object = {
  apiVersion: 'darkcarnival.dev/v1alpha1',
  kind: 'Objective',
  metadata: { name: 'tide-chart', namespace: 'show', uid: 'u1' },
};
const planned = { type: 'Normal', reason: 'PlanReady', message: 'a plan of 3 tasks waits' } as const;

describe('EventRecorder', () => {
  it('writes an Event that kubectl describe shows', async () => {
    const { recorder, events } = await aRecorder();
    recorder.record(object, planned);
    await recorder.flush();
    const [event] = [...events.values()];
    expect(event).toMatchObject({
      involvedObject: {
        apiVersion: object.apiVersion,
        kind: 'Objective',
        name: 'tide-chart',
        namespace: 'show',
        uid: 'u1',
      },
      ...planned,
      count: 1,
      firstTimestamp: '2026-01-01T00:00:00Z',
      lastTimestamp: '2026-01-01T00:00:00Z',
      source: { component: 'controller' },
    });
    expect(event?.metadata.name).toMatch(/^tide-chart\.[0-9a-f]{16}$/);
  });

  it('counts repetitions up, those of one turn in one write', async () => {
    const { recorder, events, clock, methods } = await aRecorder();
    for (let time = 0; time < 5; time += 1) recorder.record(object, planned);
    await recorder.flush();
    await clock.advance(30_000);
    recorder.record(object, planned);
    await recorder.flush();
    const [event] = [...events.values()];
    expect(event).toMatchObject({ count: 6, lastTimestamp: '2026-01-01T00:00:30Z' });
    expect(methods()).toEqual(['POST', 'PATCH']);
  });

  it('goes on counting after a restart, and after the server forgot the Event', async () => {
    const { recorder, restart, events, methods } = await aRecorder();
    recorder.record(object, planned);
    await recorder.flush();
    const again = restart();
    again.record(object, planned);
    await again.flush();
    expect([...events.values()]).toMatchObject([{ count: 2 }]);
    expect(methods()).toEqual(['POST', 'POST', 'GET', 'PATCH']);
    events.clear();
    again.record(object, planned);
    await again.flush();
    expect([...events.values()]).toMatchObject([{ count: 1 }]);
  });

  it('keeps different messages and different objects apart', async () => {
    const { recorder, events } = await aRecorder();
    recorder.record(object, planned);
    recorder.record(object, { ...planned, message: 'another' });
    recorder.record({ ...object, metadata: { ...object.metadata, uid: 'u2' } }, planned);
    await recorder.flush();
    expect(events.size).toBe(3);
  });

  it('loses Events and nothing else when the server refuses, and writes again afterwards', async () => {
    const { recorder, events, state } = await aRecorder();
    state.refuse = true;
    recorder.record(object, planned);
    await recorder.flush();
    expect(recorder.lost).toBe(1);
    state.refuse = false;
    recorder.record(object, planned);
    await recorder.flush();
    expect(events.size).toBe(1);
  });

  it('drops the oldest when too many wait', async () => {
    const { recorder, events } = await aRecorder({ maxPending: 10 });
    for (let index = 0; index < 25; index += 1) recorder.record(object, { ...planned, message: `${index}` });
    await recorder.flush();
    expect(recorder.lost).toBe(15);
    expect([...events.values()].map(({ message }) => Number(message))).toEqual([
      15, 16, 17, 18, 19, 20, 21, 22, 23, 24,
    ]);
  });
});
