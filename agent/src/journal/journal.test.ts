import { chmod, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { aDebateAssignment, aTaskAssignment } from '../../testing/assignments.ts';
import { temporaryFolder } from '../../testing/temporary-folder.ts';
import type { Completion } from '../providers/provider.ts';
import { Journal } from './journal.ts';
import { fromMicroUSD, toMicroUSD } from './money.ts';
import { MIGRATIONS } from './schema.ts';

const AT = '2026-11-24T10:00:00.000Z';

function answer(text: string, costUSD?: string): Completion {
  return {
    text,
    provider: 'kimi',
    model: 'kimi-k2.6',
    finishReason: 'stop',
    usageEstimated: false,
    rehearsal: false,
    inputTokens: 10,
    outputTokens: 5,
    spent: { inputTokens: 12, outputTokens: 6, calls: 2, ...(costUSD === undefined ? {} : { costUSD }) },
  };
}

async function openJournal(): Promise<{ journal: Journal; folder: string }> {
  const folder = await temporaryFolder();
  const journal = Journal.open(folder);
  onTestFinished(() => journal.close());
  return { journal, folder };
}

describe('the journal', () => {
  it('holds what it was told after it was opened again', async () => {
    const folder = await temporaryFolder();
    const first = Journal.open(folder);
    const job = aDebateAssignment();
    first.jobs.insert(job, 'body', AT);
    first.jobs.start(job.id, AT);
    first.raiseLeaderEpoch(7);
    first.close();
    const again = Journal.open(folder);
    onTestFinished(() => again.close());
    expect(again.jobs.unfinished()).toMatchObject([{ id: job.id, state: 'Running', assignment: job, startedAt: AT }]);
    expect(again.leaderEpoch).toBe(7);
    again.raiseLeaderEpoch(3);
    expect(again.leaderEpoch).toBe(7);
  });

  it('of an older version is taken over with its jobs', async () => {
    const { DatabaseSync } = process.getBuiltinModule('node:sqlite');
    const folder = await temporaryFolder();
    const job = aDebateAssignment();
    const old = new DatabaseSync(join(folder, 'journal.db'));
    old.exec(`${MIGRATIONS[0]}; PRAGMA user_version = 1`);
    old
      .prepare(
        `INSERT INTO jobs (id, part, attempt, inputs_digest, body_digest, objective, assignment, state, accepted_at)
         VALUES (?, 'part', 1, 'digest', 'body', '{}', ?, 'Running', ?)`,
      )
      .run(job.id, JSON.stringify(job), AT);
    old.close();
    const journal = Journal.open(folder);
    onTestFinished(() => journal.close());
    const [record] = journal.jobs.unfinished();
    expect(record).toMatchObject({ id: job.id, assignment: job });
    expect(record?.heldAt).toBeUndefined();
    journal.jobs.hold(job.id, AT);
    expect(journal.jobs.find(job.id)?.heldAt).toBe(AT);
  });

  it('of a version that marked estimates without counting them is taken over with what was bought', async () => {
    const { DatabaseSync } = process.getBuiltinModule('node:sqlite');
    const folder = await temporaryFolder();
    const { id } = aTaskAssignment();
    const old = new DatabaseSync(join(folder, 'journal.db'));
    old.exec(`${MIGRATIONS.slice(0, 3).join(';')}; PRAGMA user_version = 3`);
    old.exec(`INSERT INTO jobs (id, part, attempt, inputs_digest, body_digest, objective, state, accepted_at)
              VALUES ('${id}', 'part', 1, 'digest', 'body', '{}', 'Running', '${AT}')`);
    const bought = old.prepare(
      `INSERT INTO steps (job_id, key, try, state, reserved_tokens, reserved_micro_usd, input_tokens, output_tokens, calls, micro_usd, answer)
       VALUES (?, ?, 1, 'Answered', 100, 9, 12, 6, 2, ?, ?)`,
    );
    const marked = answer('half', '0.000007');
    bought.run(id, 'task.1', 7, JSON.stringify({ ...marked, spent: { ...marked.spent, estimated: true } }));
    bought.run(id, 'task.2', null, JSON.stringify(answer('whole')));
    old.close();
    const journal = Journal.open(folder);
    onTestFinished(() => journal.close());
    expect(journal.steps.answer(id, 'task.1')).toEqual({ ...marked, spent: { ...marked.spent, estimatedTokens: 18 } });
    expect(journal.steps.answer(id, 'task.2')).toEqual(answer('whole'));
    expect(journal.steps.usage(id)).toMatchObject({
      inputTokens: 24,
      microUSD: 7,
      estimatedTokens: 18,
      takenBy: [{ provider: 'kimi', costUSD: '0.000007' }],
    });
  });

  it('is for one process: the second is told that the folder is in use', async () => {
    const { folder } = await openJournal();
    expect(() => Journal.open(folder)).toThrow(/is in use by another wagon/);
  });

  it('says so when the folder cannot hold it', async () => {
    const folder = await temporaryFolder();
    const file = join(folder, 'a-file');
    await writeFile(file, '');
    await chmod(file, 0o600);
    expect(() => Journal.open(file)).toThrow(/cannot hold the journal/);
  });

  it.runIf(process.platform === 'linux')('says so too where Node’s own mkdir would never return', () => {
    expect(() => Journal.open('/proc/nowhere/at/all')).toThrow(/cannot hold the journal/);
  });

  it('makes the folder with its parents, for its owner alone', async () => {
    const folder = join(await temporaryFolder(), 'a/b/c');
    Journal.open(folder).close();
    expect((await stat(folder)).mode & 0o077).toBe(0);
  });

  it('refuses a file that is no database, and leaves it as it is', async () => {
    const folder = await temporaryFolder();
    await writeFile(join(folder, 'journal.db'), 'this is a shopping list, and by no means a database of any kind');
    expect(() => Journal.open(folder)).toThrow(/cannot hold the journal/);
  });

  it('ends a job once, drops its assignment, and keeps the first ending', async () => {
    const { journal } = await openJournal();
    const job = aTaskAssignment();
    journal.jobs.insert(job, 'body', AT);
    expect(journal.jobs.finish(job.id, { state: 'Cancelled' }, AT)).toBe(true);
    expect(journal.jobs.finish(job.id, { state: 'Succeeded' }, AT)).toBe(false);
    const record = journal.jobs.find(job.id);
    expect(record?.state).toBe('Cancelled');
    expect(record?.assignment).toBeUndefined();
    expect(journal.jobs.unfinished()).toEqual([]);
  });

  it('forgets ended jobs beyond the number and the age that are kept, and never an unfinished one', async () => {
    const { journal } = await openJournal();
    for (let attempt = 1; attempt <= 5; attempt += 1) {
      const job = aTaskAssignment({ attempt });
      journal.jobs.insert(job, 'body', AT);
      journal.steps.intend(job.id, 'task.1', { tokens: 1, microUSD: 0 }, 'question');
      if (attempt < 5) journal.jobs.finish(job.id, { state: 'Failed' }, `2026-11-24T10:00:0${attempt}.000Z`);
    }
    journal.jobs.prune({ count: 2, ageMs: 3_600_000 }, Date.parse(AT) + 10_000);
    const held = [1, 2, 3, 4, 5].filter((attempt) => journal.jobs.find(aTaskAssignment({ attempt }).id));
    expect(held).toEqual([3, 4, 5]);
    journal.jobs.prune({ count: 2, ageMs: 1000 }, Date.parse(AT) + 10_000);
    expect(journal.jobs.find(aTaskAssignment({ attempt: 4 }).id)).toBeUndefined();
    expect(journal.steps.usage(aTaskAssignment({ attempt: 4 }).id).booked.tokens).toBe(0);
    expect(journal.jobs.unfinished()).toHaveLength(1);
  });

  it('rolls back all of a step that failed half way', async () => {
    const { journal } = await openJournal();
    const half = () =>
      journal.atomically(() => {
        journal.jobs.insert(aTaskAssignment(), 'body', AT);
        throw new Error('power cut');
      });
    expect(half).toThrow('power cut');
    expect(journal.jobs.unfinished()).toEqual([]);
  });
});

describe('the steps of a job', () => {
  it('hand an answer out again after it was settled', async () => {
    const { journal } = await openJournal();
    const { id } = aTaskAssignment();
    journal.jobs.insert(aTaskAssignment(), 'body', AT);
    const attempt = journal.steps.intend(id, 'task.1', { tokens: 100, microUSD: 5 }, 'question');
    expect(journal.steps.answer(id, 'task.1')).toBeUndefined();
    journal.steps.settle(id, 'task.1', attempt, answer('here', '0.0125'));
    expect(journal.steps.answer(id, 'task.1')?.text).toBe('here');
    expect(journal.steps.usage(id)).toEqual({
      inputTokens: 12,
      outputTokens: 6,
      calls: 2,
      microUSD: 12_500,
      estimatedTokens: 0,
      takenBy: [],
      unsettled: 0,
      unsettledMicroUSD: 0,
      booked: { tokens: 18, microUSD: 12_500 },
    });
  });

  it('book what was in flight at a crash as unsettled, once, and count the next try beside it', async () => {
    const folder = await temporaryFolder();
    const { id } = aTaskAssignment();
    const first = Journal.open(folder);
    first.jobs.insert(aTaskAssignment(), 'body', AT);
    first.steps.intend(id, 'task.1', { tokens: 100, microUSD: 7 }, 'question');
    first.close();
    const journal = Journal.open(folder);
    onTestFinished(() => journal.close());
    expect(journal.steps.loseAllInFlight()).toBe(1);
    expect(journal.steps.loseAllInFlight()).toBe(0);
    expect(journal.steps.timesLost(id, 'task.1')).toBe(1);
    expect(journal.steps.usage(id)).toMatchObject({ unsettled: 100, calls: 1, booked: { tokens: 100, microUSD: 7 } });
    const attempt = journal.steps.intend(id, 'task.1', { tokens: 100, microUSD: 7 }, 'question');
    expect(attempt).toBe(2);
    expect(journal.steps.usage(id).booked.tokens).toBe(200);
    journal.steps.settle(id, 'task.1', attempt, answer('here'));
    expect(journal.steps.usage(id)).toMatchObject({ unsettled: 100, inputTokens: 12, booked: { tokens: 118 } });
  });

  it('say how much was estimated and what each provider took, over all calls of the job', async () => {
    const { journal } = await openJournal();
    const { id } = aTaskAssignment();
    journal.jobs.insert(aTaskAssignment(), 'body', AT);
    const one = journal.steps.intend(id, 'task.1', { tokens: 100, microUSD: 5 }, 'question');
    const broke = { inputTokens: 3, outputTokens: 1, calls: 1, estimatedTokens: 4, costUSD: '0.5' };
    journal.steps.fail(id, 'task.1', one, { ...broke, takenBy: [{ provider: 'kimi', costUSD: '0.5' }] });
    const two = journal.steps.intend(id, 'task.1', { tokens: 100, microUSD: 5 }, 'question');
    const takenBy = [
      { provider: 'kimi', costUSD: '0.000001' },
      { provider: 'mistral', costUSD: '0.2' },
    ];
    const whole = answer('here', '0.200001');
    journal.steps.settle(id, 'task.1', two, { ...whole, spent: { ...whole.spent, takenBy } });
    expect(journal.steps.usage(id)).toMatchObject({
      estimatedTokens: 4,
      microUSD: 700_001,
      takenBy: [
        { provider: 'kimi', costUSD: '0.500001' },
        { provider: 'mistral', costUSD: '0.2' },
      ],
    });
  });

  it('count what a failed call consumed', async () => {
    const { journal } = await openJournal();
    const { id } = aTaskAssignment();
    journal.jobs.insert(aTaskAssignment(), 'body', AT);
    const attempt = journal.steps.intend(id, 'task.1', { tokens: 100, microUSD: 0 }, 'question');
    journal.steps.fail(id, 'task.1', attempt, { inputTokens: 3, outputTokens: 1, calls: 1 });
    expect(journal.steps.answer(id, 'task.1')).toBeUndefined();
    expect(journal.steps.usage(id)).toMatchObject({ inputTokens: 3, outputTokens: 1, booked: { tokens: 4 } });
    expect(journal.steps.usage(id).microUSD).toBeUndefined();
  });
});

describe('money', () => {
  it.each([
    ['0', 0],
    ['0.000001', 1],
    ['12.5', 12_500_000],
    ['3', 3_000_000],
  ])('counts $%s as %d micro-dollars, and back', (text, micro) => {
    expect(toMicroUSD(text)).toBe(micro);
    expect(fromMicroUSD(micro)).toBe(text);
  });
});
