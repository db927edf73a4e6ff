import { FakeClock, settle } from '@dark-carnival/crds/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Workqueue } from './workqueue.ts';

function aQueue(options: { baseDelayMs?: number; maxDelayMs?: number } = {}) {
  const clock = new FakeClock();
  return { clock, queue: new Workqueue({ clock, ...options }) };
}

/** Takes and gives back everything that is there. */
async function takeAll(queue: Workqueue): Promise<string[]> {
  const taken: string[] = [];
  while (queue.depth > 0) {
    const key = await queue.take();
    if (key === undefined) break;
    taken.push(key);
    queue.done(key);
  }
  return taken;
}

describe('Workqueue', () => {
  it('holds a key once, however often it is added', async () => {
    const { queue } = aQueue();
    for (const key of ['a', 'b', 'a', 'a']) queue.add(key);
    expect(await takeAll(queue)).toEqual(['a', 'b']);
  });

  it('gives a key to one worker at a time, and again when it was added meanwhile', async () => {
    const { queue } = aQueue();
    queue.add('a');
    expect(await queue.take()).toBe('a');
    queue.add('a');
    queue.add('a');
    expect(queue.depth).toBe(0);
    const next = queue.take();
    queue.done('a');
    expect(await next).toBe('a');
    queue.done('a');
    expect(queue.depth).toBe(0);
  });

  it('serves what just happened before the initial list, and lets an event lift a key over it', async () => {
    const { queue } = aQueue();
    for (const key of ['old-1', 'old-2', 'old-3']) queue.add(key, 'low');
    queue.add('new');
    queue.add('old-3');
    queue.add('new', 'low');
    expect(await takeAll(queue)).toEqual(['new', 'old-3', 'old-1', 'old-2']);
  });

  it('lets steady traffic starve nobody', async () => {
    const { queue } = aQueue();
    queue.add('patient', 'low');
    for (let turn = 0; turn < 100; turn += 1) {
      queue.add(`busy-${turn}`);
      queue.add(`more-${turn}`);
      const key = await queue.take();
      if (key === 'patient') return;
      queue.done(key ?? '');
    }
    expect.unreachable('the low key was never served');
  });

  it('adds after a time, the earliest of several, with one timer for all', async () => {
    const { queue, clock } = aQueue();
    queue.addAfter('a', 5_000);
    queue.addAfter('a', 2_000);
    queue.addAfter('a', 9_000);
    for (let index = 0; index < 100; index += 1) queue.addAfter(`b${index}`, 3_000 + index);
    expect(clock.pendingTimers).toBe(1);
    await clock.advance(1_999);
    expect(queue.depth).toBe(0);
    await clock.advance(1);
    expect(await takeAll(queue)).toEqual(['a']);
    await clock.advance(10_000);
    expect(await takeAll(queue)).toHaveLength(100);
    expect(clock.pendingTimers).toBe(0);
  });

  it('adds at once what has no delay, not even a number', async () => {
    const { queue } = aQueue();
    queue.addAfter('a', 0);
    queue.addAfter('b', -5);
    queue.addAfter('c', Number.NaN);
    expect(await takeAll(queue)).toEqual(['a', 'b', 'c']);
  });

  it('doubles the delay of a failing key from 5 ms to its bound, and forgets it when it went well', () => {
    const { queue } = aQueue();
    const delays = Array.from({ length: 25 }, () => queue.addFailed('a'));
    expect(delays.slice(0, 4)).toEqual([5, 10, 20, 40]);
    expect(delays.at(-1)).toBe(1_000_000);
    expect(queue.failing).toBe(1);
    queue.forget('a');
    expect(queue.addFailed('a')).toBe(5);
    expect(queue.addFailed('b', 3_000)).toBe(3_000);
  });

  it('hands out what waits after shutDown("drain"), takes nothing more in, then lets the workers go', async () => {
    const { queue, clock } = aQueue();
    const idleWorker = queue.take();
    queue.add('x');
    expect(await idleWorker).toBe('x');
    queue.add('a');
    queue.addAfter('later', 100);
    queue.shutDown('drain');
    queue.add('b');
    expect(await queue.take()).toBe('a');
    let idle = false;
    void queue.idle().then(() => {
      idle = true;
    });
    queue.done('x');
    await settle();
    expect(idle).toBe(false);
    queue.done('a');
    await settle();
    expect(idle).toBe(true);
    expect(await queue.take()).toBeUndefined();
    expect(clock.pendingTimers).toBe(0);
  });

  it('forgets what waits after shutDown("drop")', async () => {
    const { queue } = aQueue();
    queue.add('a');
    queue.shutDown('drop');
    expect(await queue.take()).toBeUndefined();
    await queue.idle();
  });

  it('never works on a key twice at once, and never loses an addition, in any interleaving', async () => {
    const key = fc.constantFrom('a', 'b', 'c');
    const time = fc.integer({ min: 0, max: 20 });
    const step: fc.Arbitrary<(model: QueueModel) => void | Promise<void>> = fc.oneof(
      key.map((each) => (model: QueueModel) => model.ask(each, (queue) => queue.add(each))),
      key.map((each) => (model: QueueModel) => model.ask(each, (queue) => queue.add(each, 'low'))),
      key.map((each) => (model: QueueModel) => model.ask(each, (queue) => void queue.addFailed(each))),
      fc.tuple(key, time).map(
        ([each, ms]) =>
          (model: QueueModel) =>
            model.ask(each, (q) => q.addAfter(each, ms)),
      ),
      fc.constant((model: QueueModel) => model.take()),
      fc.constant((model: QueueModel) => model.giveBack()),
      time.map((ms) => (model: QueueModel) => model.clock.advance(ms)),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
        const model = new QueueModel();
        for (const each of steps) await each(model);
        await model.finish();
        expect(model.owed).toEqual(new Set());
      }),
      { numRuns: 150 },
    );
  });
});

/** Workers and what they still owe. */
class QueueModel {
  readonly clock = new FakeClock();
  readonly queue = new Workqueue({ clock: this.clock });
  readonly held: string[] = [];
  /** Keys that were asked for since they were last taken. */
  readonly owed = new Set<string>();

  ask(key: string, how: (queue: Workqueue) => void): void {
    this.owed.add(key);
    how(this.queue);
  }

  async take(): Promise<void> {
    if (this.queue.depth === 0) return;
    const key = (await this.queue.take()) ?? 'none';
    expect(this.held).not.toContain(key);
    this.owed.delete(key);
    this.held.push(key);
  }

  giveBack(): void {
    const key = this.held.shift();
    if (key !== undefined) this.queue.done(key);
  }

  async finish(): Promise<void> {
    await this.clock.advance(1_000_000);
    while (this.held.length > 0 || this.queue.depth > 0) {
      this.giveBack();
      await this.take();
    }
  }
}
