import { readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { aDebateAssignment, aTaskAssignment } from '../../testing/assignments.ts';
import { aService, ended, put, until } from '../../testing/job-bench.ts';
import { temporaryFolder } from '../../testing/temporary-folder.ts';
import { ProviderError } from '../providers/provider-error.ts';

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
