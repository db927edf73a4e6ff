import { FakeClock } from '@dark-carnival/crds/testing';
import { describe, expect, it } from 'vitest';
import { aDebateAssignment, aTaskAssignment } from '../../testing/assignments.ts';
import { aService, completion, ended, put, until } from '../../testing/job-bench.ts';

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

  it('does not forget who did not answer before the one that did', async () => {
    const wagon = await aService();
    const job = aTaskAssignment();
    wagon.journal.jobs.insert(job, 'body', new Date(0).toISOString());
    const attempt = wagon.journal.steps.intend(job.id, 'task.1', { tokens: 1, microUSD: 0 }, 'question');
    const passedOver = ['mistral', 'deepseek', 'claude'].map((provider) => ({ provider, reason: 'Overloaded' }));
    wagon.journal.steps.settle(job.id, 'task.1', attempt, { ...completion('An answer.'), passedOver });
    wagon.die();
    const second = await aService({ folder: wagon.folder });
    second.service.resume();
    expect((await ended(second, job)).task).toMatchObject({ provider: 'kimi', passedOver: passedOver.slice(0, 2) });
    expect(second.factory.calls).toHaveLength(0);
  });

  it('after the file was committed leaves alone what a person did to it since', async () => {
    const wagon = await aService();
    const job = aTaskAssignment();
    wagon.journal.jobs.insert(job, 'body', new Date(0).toISOString());
    const attempt = wagon.journal.steps.intend(job.id, 'task.1', { tokens: 1, microUSD: 0 }, 'question');
    wagon.journal.steps.settle(job.id, 'task.1', attempt, completion('An answer.'));
    const artifact = { file: 'tide-chart/chart.md', sha256: `sha256:${'b'.repeat(64)}`, bytes: 11 };
    wagon.journal.commits.record(job.id, 'chart.md', artifact);
    wagon.service.resume();
    expect((await ended(wagon, job)).task?.artifact).toEqual(artifact);
    await expect(wagon.vault.read('tide-chart/chart.md')).rejects.toMatchObject({ kind: 'absent' });
    expect(wagon.factory.calls).toHaveLength(0);
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

describe('a later attempt on the same wagon', () => {
  const first = aTaskAssignment({ attempt: 1 });
  const second = aTaskAssignment({ attempt: 2 });

  it('is given what the one before had bought while nobody could reach the wagon, and books it', async () => {
    const wagon = await aService();
    wagon.service.put(first);
    await ended(wagon, first);
    wagon.service.put(second);
    expect(await ended(wagon, second)).toMatchObject({ state: 'Succeeded', usage: { totalTokens: 30, calls: 1 } });
    expect(wagon.factory.calls).toHaveLength(1);
  });

  it('asks anew where that was refused, and goes on doing so after a restart', async () => {
    const wagon = await aService();
    wagon.service.put(first);
    await ended(wagon, first);
    wagon.factory.instant = undefined;
    wagon.service.put({ ...second, afresh: true });
    await until(() => wagon.factory.calls[1]);
    wagon.die();
    const restarted = await aService({ folder: wagon.folder });
    restarted.service.resume();
    await ended(restarted, second);
    expect(restarted.factory.calls).toHaveLength(1);
    expect(put(restarted.service, second)).toBe('same');
  });

  it('asks anew where it asks something else', async () => {
    const wagon = await aService();
    wagon.service.put(first);
    await ended(wagon, first);
    const other = aTaskAssignment({ attempt: 2, task: { directive: 'Something else.' } });
    wagon.service.put(other);
    await ended(wagon, other);
    expect(wagon.factory.calls).toHaveLength(2);
  });

  it('asks anew where the one before failed: its answer may be why', async () => {
    const wagon = await aService();
    wagon.factory.instant = ' ';
    wagon.service.put(first);
    expect((await ended(wagon, first)).state).toBe('Failed');
    wagon.factory.instant = 'An answer.';
    wagon.service.put(second);
    expect((await ended(wagon, second)).state).toBe('Succeeded');
  });
});
