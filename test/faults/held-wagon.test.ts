import type { Assignment } from '@dark-carnival/crds';
import { describe, expect, it } from 'vitest';
import { aDebateAssignment, aTaskAssignment } from '../../agent/testing/assignments.ts';
import { aSlowModel, type SlowModel } from '../../agent/testing/slow-model.ts';
import { temporaryFolder } from '../../agent/testing/temporary-folder.ts';
import type { WagonClient } from '../../agent/testing/wagon-client.ts';
import { startProcess, type WagonProcess } from '../../agent/testing/wagon-process.ts';

const chain = { providers: ['slow'], maxTokens: 500 };
const aDebate = () => aDebateAssignment({ debate: { seats: { visionary: chain, critic: chain, tactician: chain } } });
const PLAN = JSON.stringify({
  summary: 'One file.',
  tasks: [{ id: 't1', title: 'Chart', kind: 'File', instruction: 'Write it.', path: 'chart.md' }],
});

async function start(data: string, { endpoint }: SlowModel): Promise<WagonProcess> {
  const wagon = await startProcess({ CARNIVAL_DATA: data });
  const provider = { name: 'slow', type: 'OpenAICompatible', wire: 'OpenAI', endpoint, model: 'slow-1', apiKey: 'k' };
  await wagon.client.call('PUT', '/api/providers', { providers: [provider], digest: `sha256:${'1'.repeat(64)}` });
  return wagon;
}

const hold = (client: WagonClient, { id }: Assignment, held: boolean, leaderEpoch = 1) =>
  client.call('PUT', `/api/jobs/${id}/hold`, { held, leaderEpoch });

/** Another job of the same wagon, done from first to last: whatever the held one might have begun meanwhile, it has begun. */
async function somethingElse(wagon: WagonProcess, model: SlowModel, calls: number): Promise<void> {
  const job = aTaskAssignment({
    attempt: calls,
    task: { task: { id: `other-${calls}`, path: `other-${calls}.md` }, chain },
  });
  await wagon.client.putJob(job);
  (await model.nth(calls + 1)).answer('# Something else\n');
  expect((await wagon.client.jobEnd(job.id)).state).toBe('Succeeded');
  expect(model.calls).toHaveLength(calls + 1);
}

describe('a wagon that is killed while it holds a debate', () => {
  it('keeps the hold and the turns, buys nothing, and goes on when it is let go', async () => {
    const data = await temporaryFolder();
    const model = await aSlowModel();
    const first = await start(data, model);
    const job = aDebate();
    await first.client.putJob(job);
    const call = await model.nth(1);
    expect((await hold(first.client, job, true)).json).toMatchObject({ state: 'Running', held: true });
    call.answer('A vision of tides.');
    await first.client.jobWhen(job.id, ({ debate }) => debate?.turns.length === 1);
    await first.kill('SIGKILL');

    const second = await start(data, model);
    expect(await second.client.job(job.id)).toMatchObject({ held: true, usage: { calls: 1, unsettled: 0 } });
    await somethingElse(second, model, 1);
    expect((await second.client.job(job.id)).debate?.turns).toHaveLength(1);
    await second.kill('SIGKILL');

    const third = await start(data, model);
    await hold(third.client, job, false);
    (await model.nth(3)).answer('{"verdict":"accept","objections":[]}');
    (await model.nth(4)).answer(PLAN);
    const status = await third.client.jobEnd(job.id);
    expect(status).toMatchObject({ state: 'Succeeded', usage: { calls: 3, unsettled: 0 } });
    expect(status.debate?.turns[0]?.text).toBe('A vision of tides.');
  });

  it('books the call that was in flight, and makes it again only when it is let go', async () => {
    const data = await temporaryFolder();
    const model = await aSlowModel();
    const first = await start(data, model);
    const job = aDebate();
    await first.client.putJob(job);
    await model.nth(1);
    await hold(first.client, job, true);
    await first.kill('SIGKILL');

    const second = await start(data, model);
    const status = await second.client.job(job.id);
    expect(status).toMatchObject({ held: true, usage: { calls: 1 } });
    expect(status.usage.unsettled).toBeGreaterThan(500);
    await somethingElse(second, model, 1);
    await hold(second.client, job, false);
    expect((await model.nth(3)).prompt).toBe(model.calls[0]?.prompt);
  });
});

describe('the order to hold', () => {
  it('is taken from the leader alone, in the form of the contract, and for jobs that are or may come', async () => {
    const model = await aSlowModel();
    const { client } = await start(await temporaryFolder(), model);
    const job = aDebate();
    expect((await hold(client, job, true, 7)).status).toBe(404);
    expect((await client.putJob({ ...job, leaderEpoch: 7 })).json).toMatchObject({ held: true });
    const code = async (answer: ReturnType<typeof hold>) => {
      const { status, json } = await answer;
      return [status, (json as { error?: { code: string } }).error?.code];
    };
    expect(await code(hold(client, job, false, 6))).toEqual([409, 'StaleEpoch']);
    expect((await client.job(job.id)).held).toBe(true);
    expect(await code(client.call('PUT', `/api/jobs/${job.id}/hold`, { held: 'yes', leaderEpoch: 7 }))).toEqual([
      422,
      'InvalidHold',
    ]);
    expect(await code(client.call('PUT', '/api/jobs/nonsense/hold', { held: true, leaderEpoch: 7 }))).toEqual([
      404,
      'NotFound',
    ]);
    expect((await fetch(`${client.url}/api/jobs/${job.id}/hold`, { method: 'PUT' })).status).toBe(401);
    expect(model.calls).toHaveLength(0);
  });
});
