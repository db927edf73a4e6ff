import { OBJECTIVES, type Objective, type ObjectiveStatus } from '@dark-carnival/crds';
import { ApiError } from '@dark-carnival/kube';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { aTurn, NO_USAGE, SOME_USAGE } from '../../controller/testing/scripted-answers.ts';
import { ScriptedWagon } from '../../controller/testing/scripted-wagon.ts';
import { eventually } from '../harness/eventually.ts';
import { RingmasterStack } from '../harness/ringmaster-stack.ts';

const honest = new ScriptedWagon().script;
const reason = ({ conditions }: ObjectiveStatus = {}, type = 'Ready') =>
  conditions?.find((condition) => condition.type === type)?.reason;

describe('how an Objective ends', () => {
  let stack: RingmasterStack;
  const wagon = new ScriptedWagon();

  beforeAll(async () => {
    stack = await RingmasterStack.start();
    await stack.join(wagon, { maxConcurrentJobs: 8 });
  });
  afterEach(() => {
    wagon.script = honest;
    wagon.misbehaviour = undefined;
  });
  afterAll(async () => {
    await stack.stop();
  });

  const abort = async (name: string) => {
    await stack.patch(name, { desiredState: 'Aborted' });
    const { status } = await stack.phase(name, 'Aborted');
    expect(status?.completionTime).toBeDefined();
    expect([reason(status), reason(status, 'Stalled')]).toEqual(['Aborted', 'Aborted']);
    return status;
  };

  describe('aborted', () => {
    it('while it waits for a wagon', async () => {
      const name = await stack.state({ directive: 'Waiting', wagonName: 'lxc-none' });
      await stack.phase(name, 'Pending');
      await abort(name);
    });

    it('while a round is being given', async () => {
      wagon.misbehaviour = 'full';
      const name = await stack.state({ directive: 'Given' });
      const { metadata } = await stack.phase(name, 'Scheduled');
      await abort(name);
      wagon.misbehaviour = undefined;
      expect(wagon.jobs.has(`${metadata.uid}.debate.1.1`)).toBe(false);
    });

    it('in its debate: what the turns cost is counted, the wagon stops', async () => {
      wagon.script = () => 'run';
      const name = await stack.state({ directive: 'Debated' });
      const { metadata } = await stack.phase(name, 'Debating');
      const id = `${metadata.uid}.debate.1.1`;
      wagon.progress(id, { usage: SOME_USAGE, debate: { turns: [aTurn('visionary', 1)], dissent: [] } });
      await stack.wait(name, ({ debate }) => debate?.turns?.length === 1, 'the turn');
      expect(await abort(name)).toMatchObject({ debate: { turns: [{}] }, usage: { totalTokens: 100 } });
      expect(wagon.jobs.get(id)?.status.state).toBe('Cancelled');
    });

    it('at the gate, by desiredState as by an answer', async () => {
      const name = await stack.state({ directive: 'Asked' });
      await stack.phase(name, 'AwaitingHuman');
      const status = await abort(name);
      expect(status?.approvalRequest).toBeUndefined();
      expect(status?.decisions).toBeUndefined();
      const other = await stack.state({ directive: 'Asked too' });
      await stack.decide(other, 'Abort');
      const { status: answered } = await stack.phase(other, 'Aborted');
      expect(answered?.decisions).toMatchObject([{ decision: 'Abort', decidedBy: 'alice' }]);
    });

    it('among its tasks: what is finished stays', async () => {
      wagon.script = (assignment) => (assignment.task?.task.id === 't2' ? 'run' : honest(assignment));
      const name = await stack.state({ directive: 'Half', approval: { mode: 'Auto' } });
      await stack.wait(name, ({ taskSummary }) => taskSummary === '1/2', 'the first file');
      expect(await abort(name)).toMatchObject({
        tasks: [{ state: 'Succeeded', artifact: { state: 'Available' } }, { state: 'Cancelled' }],
      });
    });

    it('while the results are scored', async () => {
      wagon.script = (assignment) => (assignment.task?.task.id === 't2' ? 'run' : honest(assignment));
      const name = await stack.state({ directive: 'Scored', approval: { mode: 'Auto' } });
      const { metadata } = await stack.wait(name, ({ tasks }) => tasks?.[1]?.state === 'Running', 'the second task');
      await stack.patch(name, { desiredState: 'Paused' });
      const id = `${metadata.uid}.task.t2.1`;
      await eventually(async () => wagon.jobs.has(id) || undefined, { timeoutMs: 10_000, what: 'the task to arrive' });
      wagon.finish(id);
      await stack.wait(name, ({ taskSummary }) => taskSummary === '2/2', 'the last file');
      // Improvement is not installed: nothing but a hand leaves an Objective in this phase.
      await stack.client.patch<Objective>(
        OBJECTIVES,
        { namespace: 'default', name },
        { type: 'merge', body: { status: { phase: 'Improving' } } },
        { subresource: 'status' },
      );
      expect(reason(await abort(name), 'Improved')).toBe('Aborted');
    });

    it.each(['Completed', 'Failed', 'Expired'] as const)('after it was %s: it stays what it is', async (phase) => {
      wagon.script = (assignment) =>
        phase === 'Failed' ? { state: 'Failed', reason: 'Unauthorized', usage: NO_USAGE } : honest(assignment);
      const approval = phase === 'Expired' ? { timeoutSeconds: 10 } : ({ mode: 'Auto' } as const);
      const name = await stack.state({ directive: `Ended ${phase}`, approval });
      await stack.phase(name, phase);
      const { metadata } = await stack.patch(name, { desiredState: 'Aborted' });
      const after = await stack.wait(
        name,
        ({ observedGeneration }) => observedGeneration === metadata.generation,
        'the wish to be seen',
      );
      expect(after.status?.phase).toBe(phase);
      await expect(stack.patch(name, { retry: 1 })).rejects.toThrow(ApiError);
    });
  });

  describe('failed, and tried again', () => {
    it('with an approved plan: only what failed runs again', async () => {
      wagon.script = (assignment) =>
        assignment.task?.task.id === 't2'
          ? { state: 'Failed', reason: 'NotAccepted', message: 'empty', usage: NO_USAGE }
          : honest(assignment);
      const name = await stack.state({
        directive: 'Tasks again',
        approval: { mode: 'Auto' },
        execution: { retries: 0 },
      });
      const { metadata } = await stack.phase(name, 'Failed');
      wagon.script = honest;
      await stack.patch(name, { retry: 1 });
      const done = await stack.phase(name, 'Completed');
      expect(done.status).toMatchObject({ retriesTaken: 1, taskSummary: '2/2' });
      expect(wagon.puts.filter(({ id }) => id.startsWith(`${metadata.uid}.task.t1.`))).toHaveLength(1);
    });

    it('before there was a plan: the debate starts again, as the next round', async () => {
      wagon.script = () => ({ state: 'Failed', reason: 'Unauthorized', message: '401', usage: NO_USAGE });
      const name = await stack.state({ directive: 'Debate again' });
      await stack.phase(name, 'Failed');
      wagon.script = honest;
      await stack.patch(name, { retry: 1 });
      const asked = await stack.phase(name, 'AwaitingHuman');
      expect(asked.status).toMatchObject({ debate: { round: 2 }, retriesTaken: 1 });
      expect(asked.status?.completionTime).toBeUndefined();
    });

    it('is refused once it is aborted, and never goes back', async () => {
      const name = await stack.state({ directive: 'No more' });
      await stack.phase(name, 'AwaitingHuman');
      await stack.patch(name, { retry: 2 });
      await expect(stack.patch(name, { retry: 1 })).rejects.toThrow(ApiError);
      await abort(name);
      await expect(stack.patch(name, { retry: 3 })).rejects.toThrow(ApiError);
    });
  });

  describe('out of its budget', () => {
    it('of tokens in the debate: typed, and the turns are kept', async () => {
      wagon.script = () => ({
        state: 'Failed',
        reason: 'BudgetExhausted',
        message: 'the next call may take 500 tokens',
        usage: SOME_USAGE,
        debate: { turns: [aTurn('visionary', 1)], dissent: [] },
      });
      const name = await stack.state({ directive: 'Cheap', budget: { maxTokens: 400 } });
      const failed = await stack.phase(name, 'Failed');
      expect(failed.status).toMatchObject({ debate: { turns: [{}], attempt: 1 }, usage: { totalTokens: 100 } });
      expect([reason(failed.status), reason(failed.status, 'Failed')]).toEqual(['BudgetExhausted', 'BudgetExhausted']);
    });

    it('of money: the wagon is granted what is left, and no task begins without any', async () => {
      wagon.script = (assignment) => {
        const result = honest(assignment);
        return result === 'run' ? result : { ...result, usage: { ...SOME_USAGE, costUSD: '0.03' } };
      };
      const name = await stack.state({
        directive: 'Cents',
        budget: { maxCostUSD: '0.05' },
        approval: { mode: 'Auto' },
      });
      const failed = await stack.phase(name, 'Failed');
      expect(reason(failed.status)).toBe('BudgetExhausted');
      expect(failed.status).toMatchObject({ taskSummary: '1/2', usage: { costUSD: '0.06' } });
      const grants = wagon.puts.filter(({ objective }) => objective.name === name).map(({ grant }) => grant.costUSD);
      expect(grants).toEqual(['0.05', '0.02']);
      await stack.patch(name, { budget: { maxCostUSD: '1' }, retry: 1 });
      await stack.phase(name, 'Completed');
    });

    it('of time: what runs is stopped, what is finished is kept, and a larger budget goes on from there', async () => {
      wagon.script = (assignment) => (assignment.task?.task.id === 't2' ? 'run' : honest(assignment));
      const name = await stack.state({
        directive: 'Hurry up',
        budget: { maxDurationSeconds: 3 },
        approval: { mode: 'Auto' },
      });
      const failed = await stack.phase(name, 'Failed');
      expect(reason(failed.status)).toBe('BudgetExhausted');
      expect(failed.status?.conditions?.find(({ type }) => type === 'Ready')?.message).toContain(
        '3 s of work are over',
      );
      expect(failed.status).toMatchObject({ taskSummary: '1/2', usage: { totalTokens: 200 } });
      expect(wagon.jobs.get(`${failed.metadata.uid}.task.t2.1`)?.status.state).toBe('Cancelled');
      wagon.script = honest;
      await stack.patch(name, { budget: { maxDurationSeconds: 600 }, retry: 1 });
      const done = await stack.phase(name, 'Completed');
      expect(done.status?.taskSummary).toBe('2/2');
    });
  });

  it('unsettled calls of a wagon are counted where the Objective shows what it used', async () => {
    wagon.script = (assignment) => {
      const result = honest(assignment);
      return result === 'run' ? result : { ...result, usage: { ...SOME_USAGE, calls: 2, unsettled: 700 } };
    };
    const name = await stack.state({ directive: 'Crashed once' });
    const asked = await stack.phase(name, 'AwaitingHuman');
    expect(asked.status?.usage).toMatchObject({ totalTokens: 100, unsettled: 700, calls: 2 });
  });

  describe('after its time to live', () => {
    const done = { approval: { mode: 'Auto' }, ttlSecondsAfterFinished: 0 } as const;
    it.each([
      { tool: 'Flux, by a Kustomization', metadata: { labels: { 'kustomize.toolkit.fluxcd.io/name': 'apps' } } },
      { tool: 'Flux, by a HelmRelease', metadata: { labels: { 'helm.toolkit.fluxcd.io/name': 'apps' } } },
      { tool: 'Argo CD, by annotation', metadata: { annotations: { 'argocd.argoproj.io/tracking-id': 'a:b/c:d/e' } } },
      { tool: 'Argo CD, by label', metadata: { labels: { 'argocd.argoproj.io/instance': 'apps' } } },
    ])('stays where $tool would make it again, and says so', async ({ metadata }) => {
      const name = await stack.state({ directive: 'Kept', ...done }, metadata);
      const kept = await stack.wait(
        name,
        (status) => reason(status, 'RetainedByGitOps') !== undefined,
        'the condition',
      );
      expect(kept.status?.conditions).toContainEqual(
        expect.objectContaining({ type: 'RetainedByGitOps', status: 'True', reason: 'RetainedByGitOps' }),
      );
      const other = await stack.state({ directive: 'Gone', ...done });
      await eventually(
        async () =>
          stack.get(other).then(
            () => undefined,
            (error: unknown) => (error instanceof ApiError && error.isNotFound ? true : undefined),
          ),
        { timeoutMs: 15_000, what: 'the other to be deleted' },
      );
      expect((await stack.get(name)).status?.phase).toBe('Completed');
    });

    it('stays while a plan was not decided about', async () => {
      const name = await stack.state({
        directive: 'Undecided',
        ttlSecondsAfterFinished: 0,
        approval: { timeoutSeconds: 10 },
      });
      await stack.phase(name, 'Expired');
      await stack.patch(name, { retry: 1 });
      await stack.phase(name, 'AwaitingHuman');
    });
  });
});
