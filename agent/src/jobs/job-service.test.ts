import { readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Assignment, type JobStatus, jobStatusSchema, type WagonEventBody } from '@dark-carnival/crds';
import { systemClock } from '@dark-carnival/crds/clock';
import { FakeClock } from '@dark-carnival/crds/testing';
import { describe, expect, it, onTestFinished } from 'vitest';
import { aDebateAssignment, aTaskAssignment } from '../../testing/assignments.ts';
import { temporaryFolder } from '../../testing/temporary-folder.ts';
import type { HoldRound } from '../debate/round.ts';
import { Journal } from '../journal/journal.ts';
import { noLease, RenewableLease } from '../lease/lease.ts';
import { WaitingRoom } from '../lease/waiting-room.ts';
import type { ChainCallOptions } from '../providers/llm-factory.ts';
import type { Completion, CompletionRequest } from '../providers/provider.ts';
import { ProviderError } from '../providers/provider-error.ts';
import { Vault } from '../vault/vault.ts';
import type { JobDeps } from './job-context.ts';
import { JobService } from './job-service.ts';

/** A call that a test answers, lets fail, or leaves open. */
interface OpenCall {
  request: CompletionRequest;
  answer: (text: string) => void;
  fail: (error: Error) => void;
}

class ScriptedFactory {
  readonly calls: OpenCall[] = [];
  /** Absent where no providers were granted since the start. */
  digest: string | undefined = 'granted';
  /** Answers at once with this, where it is set. */
  instant: string | undefined = 'An answer.';
  tokens = 100;

  reservation(): { tokens: number } {
    return { tokens: this.tokens };
  }

  complete(_chain: unknown, request: CompletionRequest, { signal, onStart }: ChainCallOptions): Promise<Completion> {
    onStart?.({ provider: 'kimi', model: 'kimi-k2.6' });
    return new Promise((resolve, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason));
      this.calls.push({ request, answer: (text) => resolve(completion(text)), fail: reject });
      if (this.instant !== undefined) resolve(completion(this.instant));
    });
  }
}

function completion(text: string): Completion {
  return {
    text,
    provider: 'kimi',
    model: 'kimi-k2.6',
    finishReason: 'stop',
    usageEstimated: false,
    rehearsal: false,
    inputTokens: 20,
    outputTokens: 10,
    spent: { inputTokens: 20, outputTokens: 10, calls: 1 },
  };
}

/** Two turns, each asked for once, then a plan. */
const shortRound: HoldRound = async ({ round, resume }, { ask, onTurn, emit }) => {
  const turns = [...resume];
  for (const seat of ['visionary', 'critic'] as const) {
    if (turns.some((turn) => turn.seat === seat)) continue;
    emit({ type: 'turn-start', round, seat, provider: 'kimi', model: 'kimi-k2.6' });
    const chain = { providers: ['kimi'], maxTokens: 50 };
    const request: CompletionRequest = {
      system: seat,
      messages: [{ role: 'user', content: 'go' }],
      maxTokens: 50,
      purpose: { kind: 'turn', seat, round, directive: 'd', feedback: [], maxTasks: 1, earlier: [] },
    };
    const { text } = await ask({
      key: `r${round}.${seat}`,
      chain,
      request,
      deadlineMs: 1000,
      onDelta: () => undefined,
      onStart: () => undefined,
    });
    const sha256 = `sha256:${'a'.repeat(64)}`;
    const turn = {
      round,
      seat,
      outcome: 'Answered' as const,
      provider: 'kimi',
      text,
      sha256,
      inputTokens: 20,
      outputTokens: 10,
    };
    turns.push(turn);
    await onTurn?.(turn);
    emit({ type: 'turn-end', round, seat, outcome: 'Answered', tokens: 30, text });
  }
  const { task } = aTaskAssignment();
  if (task === undefined) throw new Error('no task');
  return { turns, plan: { summary: 'One file.', tasks: [task.task] }, dissent: [], repairs: [] };
};

interface Given extends Partial<JobDeps> {
  folder?: string;
  capacity?: number;
}

async function aService({ folder: given, capacity = 2, ...deps }: Given = {}) {
  const folder = given ?? (await temporaryFolder());
  const journal = Journal.open(folder);
  let count = 0;
  const unique = () => {
    count += 1;
    return `u${count}`;
  };
  const vault = await Vault.open(join(folder, 'vault'), 'default', { clock: systemClock, unique });
  const factory = new ScriptedFactory();
  const granted = new WaitingRoom(deps.clock ?? systemClock);
  const events: WagonEventBody[] = [];
  const said: string[] = [];
  const service = new JobService(
    {
      journal,
      vault,
      factory,
      granted,
      lease: noLease,
      holdRound: shortRound,
      clock: systemClock,
      emit: (event) => events.push(event),
      say: (_level, message) => said.push(message),
      scrub: (text) => text.replaceAll('sk-secret', '***'),
      onCall: () => undefined,
      ...deps,
    },
    { capacity, onSlots: () => undefined },
  );
  let isOpen = true;
  /** The process dies: nothing of it acts any more, and the file is free. */
  const die = () => {
    if (isOpen) journal.close();
    isOpen = false;
  };
  onTestFinished(() => {
    // A job that a test left open waits for nothing more; the clock of a test stands still, so its end is not waited for.
    void service.stop(0);
    die();
  });
  return { service, factory, granted, journal, vault, events, said, folder, die };
}

async function ended({ service }: { service: JobService }, { id }: Assignment): Promise<JobStatus> {
  return until(() => {
    const status = service.status(id);
    return status?.finishedAt === undefined ? undefined : jobStatusSchema.parse(status);
  });
}

async function until<Value>(look: () => Value | undefined): Promise<Value> {
  for (let turns = 0; turns < 2000; turns += 1) {
    const value = look();
    if (value !== undefined) return value;
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  throw new Error('it never came');
}

const put = (service: JobService, assignment: Assignment) => service.put(assignment).decision;

describe('a task', () => {
  it('is done: the file lies in the vault, and the status says where and at what cost', async () => {
    const wagon = await aService();
    const job = aTaskAssignment();
    expect(wagon.service.put(job)).toMatchObject({
      decision: 'create',
      status: { id: job.id, inputsDigest: job.inputsDigest },
    });
    const status = await ended(wagon, job);
    expect(status).toMatchObject({
      state: 'Succeeded',
      usage: { inputTokens: 20, outputTokens: 10, totalTokens: 30, calls: 1, unsettled: 0 },
      task: { provider: 'kimi', model: 'kimi-k2.6', artifact: { file: 'tide-chart/chart.md' }, excerpt: 'An answer.' },
    });
    expect((await wagon.vault.read('tide-chart/chart.md')).sha256).toBe(status.task?.artifact?.sha256);
    expect(wagon.events.map((event) => [event.type, 'state' in event ? event.state : ''].join(' ').trim())).toEqual([
      'job-state Accepted',
      'job-state Running',
      'task-start',
      'vault',
      'task-end',
      'job-state Succeeded',
    ]);
  });

  it('reads what an earlier task left, if it is what the plan knows', async () => {
    const wagon = await aService();
    const first = aTaskAssignment();
    wagon.service.put(first);
    const left = (await ended(wagon, first)).task?.artifact;
    if (left === undefined) throw new Error('no artifact');
    const dependency = { id: 't1', title: 'Write the chart', ...left };
    const second = aTaskAssignment({ task: { task: { id: 't2', path: 'b.md' }, dependencies: [dependency] } });
    wagon.service.put(second);
    await ended(wagon, second);
    expect(wagon.factory.calls[1]?.request.messages[0]?.content).toContain('An answer.');
    await writeFile(join(wagon.folder, 'vault/default/tide-chart/chart.md'), 'by hand');
    const third = aTaskAssignment({ task: { task: { id: 't3', path: 'c.md' }, dependencies: [dependency] } });
    wagon.service.put(third);
    await ended(wagon, third);
    const prompt = wagon.factory.calls[2]?.request.messages[0]?.content;
    expect(prompt).toContain('the file was changed since');
    expect(prompt).not.toContain('by hand');
  });

  it('fails with VaultUnwritable where its path leads through a link, and buys nothing twice for it', async () => {
    const wagon = await aService();
    const outside = await temporaryFolder();
    wagon.service.put(aTaskAssignment());
    await ended(wagon, aTaskAssignment());
    await symlink(outside, join(wagon.folder, 'vault/default/tide-chart/docs'));
    const job = aTaskAssignment({ task: { task: { id: 't2', path: 'docs/x.md' } } });
    wagon.service.put(job);
    expect(await ended(wagon, job)).toMatchObject({
      state: 'Failed',
      reason: 'VaultUnwritable',
      usage: { totalTokens: 30 },
    });
  });

  it.each([
    { kind: 'unauthorized' as const, reason: 'Unauthorized' },
    { kind: 'unreachable' as const, reason: 'ProviderUnavailable' },
    { kind: 'timeout' as const, reason: 'Timeout' },
    { kind: 'unusable' as const, reason: 'AnswerUnusable' },
  ])(
    'fails with $reason where the provider is $kind, counts what it cost, and tells no key',
    async ({ kind, reason }) => {
      const wagon = await aService();
      wagon.factory.instant = undefined;
      const job = aTaskAssignment();
      wagon.service.put(job);
      const call = await until(() => wagon.factory.calls[0]);
      const spent = { inputTokens: 7, outputTokens: 0, calls: 2 };
      call.fail(new ProviderError(kind, 'the key sk-secret was no good', { provider: 'kimi', spent }));
      const status = await ended(wagon, job);
      expect(status).toMatchObject({ state: 'Failed', reason, message: 'the key *** was no good' });
      expect(status.usage).toMatchObject({ inputTokens: 7, calls: 2, unsettled: 0 });
      expect(JSON.stringify(wagon.events)).not.toContain('sk-secret');
    },
  );
});

describe('a debate', () => {
  it('ends with turns, plan and a transcript in the vault', async () => {
    const wagon = await aService();
    const job = aDebateAssignment();
    wagon.service.put(job);
    const status = await ended(wagon, job);
    expect(status.debate?.turns.map(({ seat }) => seat)).toEqual(['visionary', 'critic']);
    expect(status.debate?.plan?.tasks).toHaveLength(1);
    const transcript = JSON.parse(
      await readFile(join(wagon.folder, 'vault/default/tide-chart/.debate/round-1.json'), 'utf8'),
    );
    expect(transcript).toMatchObject({ round: 1, turns: [{ text: 'An answer.' }, { text: 'An answer.' }] });
    expect(await wagon.vault.list({ all: false })).toEqual([]);
  });

  it('shows who speaks, and the turns so far, while it runs', async () => {
    const wagon = await aService();
    wagon.factory.instant = undefined;
    const job = aDebateAssignment();
    wagon.service.put(job);
    (await until(() => wagon.factory.calls[0])).answer('A vision.');
    await until(() => wagon.factory.calls[1]);
    expect(wagon.service.status(job.id)).toMatchObject({
      state: 'Running',
      debate: { activeSeat: 'critic', turns: [{ seat: 'visionary', text: 'A vision.' }] },
    });
  });

  it('goes on after a crash without buying a finished turn again', async () => {
    const first = await aService();
    first.factory.instant = undefined;
    const job = aDebateAssignment();
    first.service.put(job);
    (await until(() => first.factory.calls[0])).answer('A vision.');
    await until(() => first.factory.calls[1]);
    first.die();
    const second = await aService({ folder: first.folder });
    expect(second.service.resume()).toBe(1);
    const status = await ended(second, job);
    expect(second.factory.calls.map(({ request }) => request.system)).toEqual(['critic']);
    expect(status.debate?.turns.map(({ text }) => text)).toEqual(['A vision.', 'An answer.']);
    expect(status.usage).toMatchObject({ totalTokens: 60, unsettled: 100 });
  });

  it('is stopped by its grant before a call, and keeps what it has', async () => {
    const wagon = await aService();
    const job = aDebateAssignment({ grant: { tokens: 120 } });
    wagon.service.put(job);
    const status = await ended(wagon, job);
    expect(status).toMatchObject({ state: 'Failed', reason: 'BudgetExhausted', usage: { totalTokens: 30 } });
    expect(status.debate?.turns).toHaveLength(1);
    expect(wagon.factory.calls).toHaveLength(1);
  });

  it('whose result breaks the contract fails, instead of being refused by whoever reads it', async () => {
    const wagon = await aService({
      holdRound: async () => ({ turns: [], plan: { summary: '', tasks: [] }, dissent: [], repairs: [] }),
    });
    const job = aDebateAssignment();
    wagon.service.put(job);
    expect(await ended(wagon, job)).toMatchObject({ state: 'Failed', reason: 'Internal' });
  });
});

describe('a crash', () => {
  it('books the call in flight at its reservation, and makes it once more', async () => {
    const first = await aService();
    first.factory.instant = undefined;
    const job = aTaskAssignment({ grant: { tokens: 250 } });
    first.service.put(job);
    await until(() => first.factory.calls[0]);
    first.die();
    const second = await aService({ folder: first.folder });
    second.service.resume();
    expect(await ended(second, job)).toMatchObject({
      state: 'Succeeded',
      usage: { unsettled: 100, totalTokens: 30, calls: 2 },
    });
  });

  it('does not make a call a third time that was under way at two crashes', async () => {
    const first = await aService();
    first.factory.instant = undefined;
    const job = aTaskAssignment();
    first.service.put(job);
    await until(() => first.factory.calls[0]);
    first.die();
    const second = await aService({ folder: first.folder });
    second.factory.instant = undefined;
    second.service.resume();
    await until(() => second.factory.calls[0]);
    second.die();
    const third = await aService({ folder: first.folder });
    third.service.resume();
    expect(await ended(third, job)).toMatchObject({ state: 'Failed', reason: 'Internal', usage: { unsettled: 200 } });
    expect(third.factory.calls).toHaveLength(0);
  });

  it('after the file was committed leaves alone what a person did to it since', async () => {
    const wagon = await aService();
    const job = aTaskAssignment();
    wagon.journal.jobs.insert(job, 'body', new Date(0).toISOString());
    const attempt = wagon.journal.steps.intend(job.id, 'task.1', { tokens: 1, microUSD: 0 });
    wagon.journal.steps.settle(job.id, 'task.1', attempt, completion('An answer.'));
    const artifact = { file: 'tide-chart/chart.md', sha256: `sha256:${'b'.repeat(64)}`, bytes: 11 };
    wagon.journal.commits.record(job.id, 'chart.md', artifact);
    wagon.service.resume();
    expect((await ended(wagon, job)).task?.artifact).toEqual(artifact);
    await expect(wagon.vault.read('tide-chart/chart.md')).rejects.toMatchObject({ kind: 'absent' });
    expect(wagon.factory.calls).toHaveLength(0);
  });
});

describe('the lease', () => {
  it('holds calls back while it has lapsed, says so, and lets them go when it is renewed', async () => {
    const clock = new FakeClock();
    const lease = new RenewableLease(clock);
    const wagon = await aService({ clock, lease });
    const job = aTaskAssignment();
    wagon.service.put(job);
    await until(() => wagon.said.find((message) => message.includes('No word from the ringmaster')));
    expect(wagon.factory.calls).toHaveLength(0);
    lease.renew(25_000, { monotonic: clock.monotonic(), wall: clock.now() });
    expect(await ended(wagon, job)).toMatchObject({ state: 'Succeeded' });
  });

  it('holds the file back where it lapsed while the model was answering', async () => {
    const clock = new FakeClock();
    const lease = new RenewableLease(clock);
    const renew = () => lease.renew(25_000, { monotonic: clock.monotonic(), wall: clock.now() });
    renew();
    const wagon = await aService({ clock, lease });
    wagon.factory.instant = undefined;
    const job = aTaskAssignment();
    wagon.service.put(job);
    const call = await until(() => wagon.factory.calls[0]);
    await clock.advance(30_000);
    call.answer('Late.');
    await until(() => wagon.said.find((message) => message.includes('No word from the ringmaster')));
    await expect(wagon.vault.read('tide-chart/chart.md')).rejects.toMatchObject({ kind: 'absent' });
    renew();
    await ended(wagon, job);
    expect((await wagon.vault.read('tide-chart/chart.md')).content.toString()).toBe('Late.\n');
  });

  it('is not waited for without end', async () => {
    const clock = new FakeClock();
    const wagon = await aService({ clock, lease: new RenewableLease(clock) });
    const job = aTaskAssignment();
    wagon.service.put(job);
    await until(() => wagon.said[0]);
    await clock.advance(15 * 60_000);
    expect(await ended(wagon, job)).toMatchObject({ state: 'Failed', reason: 'Timeout' });
  });
});

describe('a wagon that has just started', () => {
  const realJob = () => aTaskAssignment({ task: { chain: { providers: ['kimi', 'rehearsal'], maxTokens: 100 } } });

  it('waits for its providers, which it holds in memory only, and lets no rehearsal stand in', async () => {
    const wagon = await aService();
    wagon.factory.digest = undefined;
    const job = realJob();
    wagon.service.put(job);
    await until(() => wagon.said.find((message) => message.includes('No providers were granted yet')));
    expect(wagon.factory.calls).toHaveLength(0);
    wagon.factory.digest = 'granted';
    wagon.granted.wakeAll();
    expect(await ended(wagon, job)).toMatchObject({ state: 'Succeeded' });
  });

  it('fails the job where nobody grants any', async () => {
    const clock = new FakeClock();
    const wagon = await aService({ clock });
    wagon.factory.digest = undefined;
    const job = realJob();
    wagon.service.put(job);
    await until(() => wagon.said[0]);
    await clock.advance(2 * 60_000);
    expect(await ended(wagon, job)).toMatchObject({
      state: 'Failed',
      reason: 'ProviderUnavailable',
      usage: { calls: 0 },
    });
  });

  it('needs none for a rehearsal', async () => {
    const wagon = await aService();
    wagon.factory.digest = undefined;
    wagon.service.put(aTaskAssignment());
    expect(await ended(wagon, aTaskAssignment())).toMatchObject({ state: 'Succeeded' });
  });
});

describe('cancelling', () => {
  it('ends the call in flight, books it, and stays to be read; twice is once', async () => {
    const wagon = await aService();
    wagon.factory.instant = undefined;
    const job = aDebateAssignment();
    wagon.service.put(job);
    (await until(() => wagon.factory.calls[0])).answer('A vision.');
    await until(() => wagon.factory.calls[1]);
    expect(wagon.service.cancel(job.id)).toMatchObject({
      state: 'Cancelled',
      debate: { turns: [{ text: 'A vision.' }] },
    });
    await until(() => (wagon.service.slots.running === 0 ? true : undefined));
    expect(wagon.service.cancel(job.id)).toMatchObject({
      state: 'Cancelled',
      usage: { unsettled: 100, totalTokens: 30 },
    });
    expect(wagon.events.filter((event) => event.type === 'job-state' && event.state === 'Cancelled')).toHaveLength(1);
    expect(put(wagon.service, job)).toBe('same');
  });

  it('changes nothing about a job that has ended', async () => {
    const wagon = await aService();
    const job = aTaskAssignment();
    wagon.service.put(job);
    await ended(wagon, job);
    expect(wagon.service.cancel(job.id)?.state).toBe('Succeeded');
  });

  it('holds for a job that comes only afterwards', async () => {
    const wagon = await aService();
    const job = aTaskAssignment();
    expect(wagon.service.cancel(job.id)).toBeUndefined();
    expect(put(wagon.service, job)).toBe('superseded');
    expect(put(wagon.service, aTaskAssignment({ attempt: 2 }))).toBe('create');
  });
});

describe('taking jobs', () => {
  it('is bounded: a full wagon takes no more until a slot is free', async () => {
    const wagon = await aService({ capacity: 1 });
    wagon.factory.instant = undefined;
    const first = aTaskAssignment();
    const second = aTaskAssignment({ task: { task: { id: 't2', path: 'b.md' } } });
    expect(put(wagon.service, first)).toBe('create');
    expect(put(wagon.service, second)).toBe('full');
    (await until(() => wagon.factory.calls[0])).answer('x');
    await ended(wagon, first);
    await until(() => (wagon.service.slots.running === 0 ? true : undefined));
    expect(put(wagon.service, second)).toBe('create');
  });

  it('gives a younger attempt the slot of the older one, which ends', async () => {
    const wagon = await aService({ capacity: 1 });
    wagon.factory.instant = undefined;
    const first = aTaskAssignment();
    wagon.service.put(first);
    await until(() => wagon.factory.calls[0]);
    const second = aTaskAssignment({ attempt: 2 });
    expect(put(wagon.service, second)).toBe('create');
    expect(wagon.service.status(first.id)?.state).toBe('Cancelled');
    expect(put(wagon.service, aTaskAssignment({ attempt: 1, grant: { tokens: 5 } }))).toBe('differs');
    (await until(() => wagon.factory.calls[1])).answer('x');
    expect((await ended(wagon, second)).state).toBe('Succeeded');
  });

  it('remembers the leader over restarts', async () => {
    const first = await aService();
    first.service.put(aTaskAssignment({ leaderEpoch: 8 }));
    await ended(first, aTaskAssignment());
    first.die();
    const second = await aService({ folder: first.folder });
    expect(put(second.service, aTaskAssignment({ attempt: 2, leaderEpoch: 7 }))).toBe('stale-epoch');
    expect(second.service.admitEpoch(7)).toBe(false);
    expect(second.service.admitEpoch(9)).toBe(true);
    expect(put(second.service, aTaskAssignment({ attempt: 2, leaderEpoch: 8 }))).toBe('stale-epoch');
  });
});

describe('stopping', () => {
  it('lets a call in flight end and keeps its answer, starts no other, and leaves the job to the next start', async () => {
    const first = await aService();
    first.factory.instant = undefined;
    const job = aDebateAssignment();
    first.service.put(job);
    const call = await until(() => first.factory.calls[0]);
    const stopping = first.service.stop(3000);
    expect(put(first.service, aTaskAssignment())).toBe('stopping');
    call.answer('A vision.');
    await stopping;
    expect(first.service.status(job.id)?.state).toBe('Running');
    first.die();
    const second = await aService({ folder: first.folder });
    second.service.resume();
    const status = await ended(second, job);
    expect(status.usage).toMatchObject({ unsettled: 0, calls: 2 });
    expect(second.factory.calls.map(({ request }) => request.system)).toEqual(['critic']);
  });

  it('does not wait longer than it may', async () => {
    const clock = new FakeClock();
    const wagon = await aService({ clock });
    wagon.factory.instant = undefined;
    wagon.service.put(aTaskAssignment());
    await until(() => wagon.factory.calls[0]);
    const stopping = wagon.service.stop(3000);
    await clock.advance(3000);
    await stopping;
    expect(wagon.journal.jobs.unfinished()).toHaveLength(1);
  });
});
