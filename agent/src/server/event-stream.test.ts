import { createServer } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { type WagonEvent, wagonEventSchema } from '@dark-carnival/crds';
import { type Clock, systemClock } from '@dark-carnival/crds/clock';
import { FakeClock } from '@dark-carnival/crds/testing';
import { describe, expect, it, onTestFinished } from 'vitest';
import { OBJECTIVE } from '../../testing/assignments.ts';
import { type EventFilter, EventRing } from './event-ring.ts';
import { EventStream } from './event-stream.ts';

const plain = (text: string) => text;
const aRing = (bytes?: number, clock: Clock = systemClock) => new EventRing('epoch-1', clock, plain, bytes);
const log = (ring: EventRing, message: string) => ring.emit({ type: 'log', level: 'info', message });

/** A socket on which one stream is open, not being read yet. */
async function openStream(ring: EventRing, after = 0, filter: EventFilter = {}, clock: Clock = systemClock) {
  const started = Promise.withResolvers<EventStream>();
  const server = createServer((_request, response) => {
    started.resolve(new EventStream(response, { ring, filter, after, clock }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  socket.pause();
  socket.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n');
  const stream = await started.promise;
  onTestFinished(() => {
    stream.end();
    socket.destroy();
    server.close();
  });
  return { socket, stream };
}

/** Reads until an event fits. */
async function readUntil(socket: Socket, fits: (event: WagonEvent) => boolean): Promise<WagonEvent[]> {
  const seen: WagonEvent[] = [];
  let rest = '';
  for await (const chunk of socket) {
    const lines = (rest + chunk.toString('utf8')).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      if (!line.startsWith('data: ')) continue;
      const event = wagonEventSchema.parse(JSON.parse(line.slice(6)));
      seen.push(event);
      if (fits(event)) return seen;
    }
  }
  throw new Error('the stream ended before it came');
}

const says = (message: string) => (event: WagonEvent) => event.type === 'log' && event.message === message;

describe('the ring of events', () => {
  it('is bounded by bytes, not by number, and always holds the newest', () => {
    const ring = aRing(2000);
    for (let count = 1; count <= 100; count += 1) log(ring, `line ${count}`);
    expect(ring.newest).toBe(100);
    expect(ring.oldest).toBeGreaterThan(70);
    log(ring, 'x'.repeat(4000));
    expect([ring.oldest, ring.newest]).toEqual([101, 101]);
  });

  it('leaves out what breaks the contract, without a hole in the numbers', () => {
    const ring = aRing();
    log(ring, 'x'.repeat(5000));
    log(ring, 'fine');
    expect(ring.newest).toBe(1);
  });

  it('takes secrets out of what it holds', () => {
    const ring = new EventRing('epoch-1', systemClock, (text) => text.replaceAll('sk-1', '***'));
    log(ring, 'the key sk-1');
    expect(ring.next(0, {}).event?.json).toContain('the key ***');
  });
});

describe('a stream of events', () => {
  it('opens with a hello, then what is held after the reader’s number, then what comes', async () => {
    const ring = aRing();
    for (const message of ['one', 'two', 'three']) log(ring, message);
    const { socket } = await openStream(ring, 1);
    log(ring, 'four');
    const seen = await readUntil(socket, says('four'));
    expect(seen).toMatchObject([
      { type: 'hello', epoch: 'epoch-1', oldest: 1, seq: 3 },
      { seq: 2 },
      { seq: 3 },
      { seq: 4 },
    ]);
  });

  it('tells of events that are gone already', async () => {
    const ring = aRing(500);
    for (let count = 1; count <= 50; count += 1) log(ring, `line ${count}`);
    const { socket } = await openStream(ring, 5);
    const seen = await readUntil(socket, says('line 50'));
    const gap = seen[1];
    expect(gap).toMatchObject({ type: 'gap', dropped: ring.oldest - 1 - 5, seq: ring.oldest - 1 });
    expect(seen[2]?.seq).toBe(ring.oldest);
  });

  it('holds nothing for a reader that does not read, and tells it later what it missed', async () => {
    const ring = aRing(100_000);
    const { socket } = await openStream(ring);
    const line = 'x'.repeat(4000);
    // Far more than the ring and the buffers of both sockets take together.
    for (let count = 0; count < 8000; count += 1) {
      log(ring, line);
      if (count % 100 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    log(ring, 'the end');
    const seen = await readUntil(socket, says('the end'));
    const gaps = seen.flatMap((event) => (event.type === 'gap' ? [event.dropped] : []));
    expect(gaps.length).toBeGreaterThan(0);
    const shown = seen.filter(({ type }) => type === 'log').length;
    expect(shown + gaps.reduce((sum, dropped) => sum + dropped, 0)).toBe(8001);
    const numbers = seen.slice(1).map(({ seq }) => seq);
    expect(numbers).toEqual([...numbers].sort((left, right) => left - right));
  });

  it('shows one Objective’s events, or one job’s, and no others', async () => {
    const ring = aRing();
    const other = { ...OBJECTIVE, uid: 'other' };
    ring.emit({ type: 'job-state', objective: OBJECTIVE, jobID: 'a', state: 'Running' });
    ring.emit({ type: 'job-state', objective: other, jobID: 'b', state: 'Running' });
    ring.emit({ type: 'log', level: 'info', message: 'the end', objective: OBJECTIVE, jobID: 'a' });
    const ofObjective = await openStream(ring, 0, { objectiveUID: OBJECTIVE.uid });
    expect((await readUntil(ofObjective.socket, says('the end'))).map(({ seq }) => seq)).toEqual([3, 1, 3]);
    const ofJob = await openStream(ring, 0, { jobID: 'a' });
    expect((await readUntil(ofJob.socket, says('the end'))).map(({ seq }) => seq)).toEqual([3, 1, 3]);
  });

  it('says something every 10 s, so that a dead connection is noticed, and stops when it ends', async () => {
    const clock = new FakeClock();
    const { socket, stream } = await openStream(aRing(undefined, clock), 0, {}, clock);
    await clock.advance(10_000);
    let text = '';
    for await (const chunk of socket) {
      text += chunk.toString('utf8');
      if (text.includes(': still here')) break;
    }
    expect(text).toContain('\n: still here\n\n');
    stream.end();
    expect(clock.pendingTimers).toBe(0);
  });
});
