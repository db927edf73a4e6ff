import type { Assignment } from '@dark-carnival/crds';
import { FakeClock } from '@dark-carnival/crds/testing';
import { describe, expect, it } from 'vitest';
import { aDebateAssignment, aTaskAssignment } from '../../testing/assignments.ts';
import { aService, completion, ended, put, until } from '../../testing/job-bench.ts';
import { RenewableLease } from '../lease/lease.ts';
import { CallHeldBack } from '../providers/call-held-back.ts';

const DAY_MS = 24 * 3_600_000;
type Wagon = Awaited<ReturnType<typeof aService>>;
const held = ({ said }: Pick<Wagon, 'said'>) =>
  until(() => said.find((message) => message.startsWith('Held: no call begins')));

/** A job whose first call is open. */
async function inACall(job: Assignment, given: Parameters<typeof aService>[0] = {}) {
  const wagon = await aService(given);
  wagon.factory.instant = undefined;
  wagon.service.put(job);
  return { wagon, job, call: await until(() => wagon.factory.calls[0]) };
}

/** A job that waits under a hold, before its first call. */
async function heldBefore(job: Assignment, given: Parameters<typeof aService>[0] = {}) {
  const wagon = await aService(given);
  wagon.service.hold(job.id, true);
  wagon.service.put(job);
  await held(wagon);
  return { wagon, job };
}

describe('a job that is held', () => {
  it('lets the call in flight finish, keeps its turn, and begins no other until it is let go on', async () => {
    const { wagon, job, call } = await inACall(aDebateAssignment());
    expect(wagon.service.hold(job.id, true)).toMatchObject({ state: 'Running', held: true });
    expect(wagon.service.hold(job.id, true)).toMatchObject({ held: true });
    call.answer('A vision.');
    await held(wagon);
    expect(wagon.service.status(job.id)).toMatchObject({
      held: true,
      debate: { turns: [{ text: 'A vision.' }] },
      usage: { calls: 1, unsettled: 0 },
    });
    expect(wagon.factory.calls).toHaveLength(1);
    wagon.factory.instant = 'An answer.';
    expect(wagon.service.hold(job.id, false)?.held).toBeUndefined();
    expect(await ended(wagon, job)).toMatchObject({ state: 'Succeeded', usage: { calls: 2 } });
  });

  it('keeps the file of a task whose answer was on its way', async () => {
    const { wagon, job, call } = await inACall(aTaskAssignment());
    wagon.service.hold(job.id, true);
    call.answer('Late but paid for.');
    const status = await ended(wagon, job);
    expect(status).toMatchObject({ state: 'Succeeded', task: { artifact: { file: 'tide-chart/chart.md' } } });
    expect(status.held).toBeUndefined();
  });

  it('is held over a crash, and its turns are not bought again', async () => {
    const { wagon: first, job, call } = await inACall(aDebateAssignment());
    first.service.hold(job.id, true);
    call.answer('A vision.');
    await held(first);
    first.die();
    const second = await aService({ folder: first.folder });
    expect(second.service.resume()).toBe(1);
    await held(second);
    expect(second.service.status(job.id)).toMatchObject({ held: true, debate: { turns: [{ text: 'A vision.' }] } });
    expect(second.factory.calls).toHaveLength(0);
    second.service.hold(job.id, false);
    expect(await ended(second, job)).toMatchObject({ state: 'Succeeded', usage: { calls: 2, unsettled: 0 } });
    expect(second.factory.calls).toHaveLength(1);
  });

  it('is held from its beginning where the order came before it', async () => {
    const wagon = await aService();
    const job = aTaskAssignment();
    expect(wagon.service.hold(job.id, true)).toBeUndefined();
    expect(wagon.service.put(job)).toMatchObject({ decision: 'create', status: { held: true } });
    await held(wagon);
    expect(wagon.factory.calls).toHaveLength(0);
    wagon.service.hold(job.id, false);
    expect((await ended(wagon, job)).state).toBe('Succeeded');
    const other = aTaskAssignment({ task: { task: { id: 't2', path: 'b.md' } } });
    wagon.service.hold(other.id, true);
    wagon.service.hold(other.id, false);
    wagon.service.put(other);
    expect((await ended(wagon, other)).state).toBe('Succeeded');
  });

  it('makes no further try of a call whose provider failed meanwhile, and counts what the tries cost', async () => {
    const { wagon, job, call } = await inACall(aTaskAssignment());
    wagon.service.hold(job.id, true);
    expect(call.mayTry?.()).toBe(false);
    call.fail(new CallHeldBack({ inputTokens: 7, outputTokens: 0, calls: 1 }));
    await held(wagon);
    expect(wagon.service.status(job.id)).toMatchObject({ state: 'Running', usage: { inputTokens: 7, calls: 1 } });
    wagon.service.hold(job.id, false);
    (await until(() => wagon.factory.calls[1])).answer('At last.');
    expect(await ended(wagon, job)).toMatchObject({ state: 'Succeeded', usage: { inputTokens: 27, calls: 2 } });
  });

  it('takes no slot while it waits, and needs a free one to go on', async () => {
    const { wagon, job: paused } = await heldBefore(aTaskAssignment(), { capacity: 1 });
    expect(wagon.service.slots).toEqual({ running: 0, capacity: 1 });
    wagon.factory.instant = undefined;
    const other = aTaskAssignment({ task: { task: { id: 't2', path: 'b.md' } } });
    expect(put(wagon.service, other)).toBe('create');
    const call = await until(() => wagon.factory.calls[0]);
    expect(wagon.service.hold(paused.id, false)).toMatchObject({ held: true });
    expect(wagon.service.slots).toEqual({ running: 1, capacity: 1 });
    call.answer('Done.');
    await ended(wagon, other);
    (await until(() => wagon.factory.calls[1])).answer('Done too.');
    expect((await ended(wagon, paused)).state).toBe('Succeeded');
  });

  it('is cancelled like any other', async () => {
    const { wagon, job } = await heldBefore(aTaskAssignment());
    const status = wagon.service.cancel(job.id);
    expect(status?.state).toBe('Cancelled');
    expect(status?.held).toBeUndefined();
    await until(() => (wagon.service.slots.running === 0 ? true : undefined));
    expect(wagon.factory.calls).toHaveLength(0);
  });

  it('stays as it is when the wagon stops', async () => {
    const { wagon, job } = await heldBefore(aTaskAssignment());
    await wagon.service.stop(3000);
    expect(wagon.service.status(job.id)).toMatchObject({ state: 'Running', held: true });
  });
});

describe('limits of time', () => {
  it('stand still under a hold: the task has all of its time left', async () => {
    const clock = new FakeClock();
    const { wagon, job, call } = await inACall(aTaskAssignment({ task: { timeoutSeconds: 60 } }), { clock });
    await clock.advance(10_000);
    wagon.service.hold(job.id, true);
    await clock.advance(DAY_MS);
    // Too short for its check, so it is asked once more.
    call.answer('');
    await held(wagon);
    await clock.advance(DAY_MS);
    wagon.service.hold(job.id, false);
    const second = await until(() => wagon.factory.calls[1]);
    expect(second.deadlineMs).toBe(50_000);
    second.answer('Enough.');
    expect((await ended(wagon, job)).state).toBe('Succeeded');
  });

  it('for the ringmaster and for providers do not run under a hold', async () => {
    const clock = new FakeClock();
    const lease = new RenewableLease(clock);
    const wagon = await aService({ clock, lease });
    wagon.factory.digest = undefined;
    const job = aTaskAssignment({ task: { chain: { providers: ['kimi'], maxTokens: 100 } } });
    wagon.service.put(job);
    await until(() => wagon.said.find((message) => message.includes('No providers were granted yet')));
    wagon.service.hold(job.id, true);
    await held(wagon);
    await clock.advance(DAY_MS);
    wagon.service.hold(job.id, false);
    wagon.factory.digest = 'granted';
    wagon.granted.wakeAll();
    await until(() => wagon.said.find((message) => message.includes('No word from the ringmaster')));
    wagon.service.hold(job.id, true);
    await until(() => (wagon.service.slots.running === 0 ? true : undefined));
    await clock.advance(DAY_MS);
    wagon.service.hold(job.id, false);
    lease.renew(25_000, { monotonic: clock.monotonic(), wall: clock.now() });
    expect((await ended(wagon, job)).state).toBe('Succeeded');
  });

  it('end a hold that nobody ever lifts, over restarts too: the turns stay to be gone on from', async () => {
    const clock = new FakeClock();
    const { wagon: first, job } = await heldBefore(aDebateAssignment(), { clock });
    await clock.advance(5 * DAY_MS);
    first.die();
    const second = await aService({ folder: first.folder, clock });
    second.service.resume();
    await held(second);
    await clock.advance(2 * DAY_MS);
    expect(await ended(second, job)).toMatchObject({ state: 'Failed', reason: 'Timeout', message: 'held for 7 days' });
  });
});

it('an answer in the journal is handed out under a hold: it is paid for', async () => {
  const wagon = await aService();
  const job = aTaskAssignment();
  wagon.journal.jobs.insert(job, 'body', new Date(0).toISOString());
  const attempt = wagon.journal.steps.intend(job.id, 'task.1', { tokens: 1, microUSD: 0 }, 'question');
  wagon.journal.steps.settle(job.id, 'task.1', attempt, completion('An answer.'));
  wagon.service.hold(job.id, true);
  wagon.service.resume();
  expect((await ended(wagon, job)).state).toBe('Succeeded');
});
