import {
  API_VERSION,
  type KubeObject,
  MODEL_PROVIDERS,
  OBJECTIVE_FINALIZER,
  type ObjectiveStatus,
} from '@dark-carnival/crds';
import { ApiError, CONFIG_MAPS } from '@dark-carnival/kube';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { NO_USAGE } from '../../controller/testing/scripted-answers.ts';
import { ScriptedWagon } from '../../controller/testing/scripted-wagon.ts';
import { eventually } from '../harness/eventually.ts';
import { RingmasterStack } from '../harness/ringmaster-stack.ts';

const honest = new ScriptedWagon().script;
const reason = (status: ObjectiveStatus, type = 'Ready') =>
  status.conditions?.find((condition) => condition.type === type)?.reason;

describe('what people do to an Objective while it runs', () => {
  let stack: RingmasterStack;
  const wagon = new ScriptedWagon();

  beforeAll(async () => {
    stack = await RingmasterStack.start();
    await stack.join(wagon, { maxConcurrentJobs: 4 }, { zone: 'pier' });
  });
  afterEach(() => {
    wagon.script = honest;
  });
  afterAll(async () => {
    await stack.stop();
  });

  it('is aborted in the debate, and the wagon stops', async () => {
    wagon.script = () => 'run';
    const name = await stack.state({ directive: 'Never mind' });
    const { metadata } = await stack.phase(name, 'Debating');
    await stack.patch(name, { desiredState: 'Aborted' });
    await stack.phase(name, 'Aborted');
    expect(wagon.cancels).toContain(`${metadata.uid}.debate.1.1`);
    await expect(stack.patch(name, { desiredState: 'Running' })).rejects.toThrow(/stays aborted/);
  });

  it('is aborted among its tasks, and keeps the files that are there', async () => {
    wagon.script = (assignment) => (assignment.task?.task.id === 't2' ? 'run' : honest(assignment));
    const name = await stack.state({ directive: 'Half done' });
    await stack.decide(name, 'Approve');
    await stack.wait(name, ({ taskSummary }) => taskSummary === '1/2', 'the first file');
    await stack.patch(name, { desiredState: 'Aborted' });
    const aborted = await stack.phase(name, 'Aborted');
    expect(aborted.status?.tasks?.map(({ state }) => state)).toEqual(['Succeeded', 'Cancelled']);
  });

  it('is paused, keeps its phase, and goes on when it is resumed', async () => {
    wagon.script = (assignment) => (assignment.task?.task.id === 't1' ? 'run' : honest(assignment));
    const name = await stack.state({ directive: 'Take a break' });
    await stack.decide(name, 'Approve');
    const { metadata } = await stack.wait(name, ({ tasks }) => tasks?.[0]?.state === 'Running', 'the first task');
    await stack.patch(name, { desiredState: 'Paused' });
    await stack.wait(name, (status) => reason(status) === 'Paused', 'the pause');
    wagon.finish(`${metadata.uid}.task.t1.1`);
    const paused = await stack.wait(name, ({ taskSummary }) => taskSummary === '1/2', 'the call in flight to finish');
    expect(paused.status).toMatchObject({ phase: 'Executing', tasks: [{ state: 'Succeeded' }, { state: 'Pending' }] });
    await stack.patch(name, { desiredState: 'Running' });
    await stack.phase(name, 'Completed');
  });

  it('is deleted while a wagon works on it: the wagon stops first', async () => {
    wagon.script = () => 'run';
    const name = await stack.state({ directive: 'Go away' });
    const { metadata } = await stack.phase(name, 'Debating');
    expect(metadata.finalizers).toEqual([OBJECTIVE_FINALIZER]);
    await stack.remove(name);
    await gone(stack, name);
    expect(wagon.cancels).toContain(`${metadata.uid}.debate.1.1`);
  });

  it('is deleted and made again under its name: another one, with ids of its own', async () => {
    const first = await stack.phase(await stack.state({ directive: 'One' }, { name: 'again' }), 'AwaitingHuman');
    await stack.remove('again');
    await gone(stack, 'again');
    await stack.state({ directive: 'Two' }, { name: 'again' });
    const second = await stack.phase('again', 'AwaitingHuman');
    expect(second.status?.approvalRequest?.id).not.toBe(first.status?.approvalRequest?.id);
    expect(second.status?.plan?.hash).not.toBe(first.status?.plan?.hash);
    expect(second.status?.plan?.configMapName).toBe('again-plan-1');
  });

  it('expires when nobody decides, and asks again about the same plan', async () => {
    const name = await stack.state({ directive: 'Hurry', approval: { timeoutSeconds: 10 } });
    const asked = await stack.phase(name, 'AwaitingHuman');
    await stack.phase(name, 'Expired');
    await stack.patch(name, { retry: 1 });
    const again = await stack.phase(name, 'AwaitingHuman');
    expect(again.status?.approvalRequest?.id).toBe(`${again.metadata.uid}-2`);
    expect(again.status?.plan?.summary).toBe(asked.status?.plan?.summary);
    await stack.decide(name, 'Approve');
    await stack.phase(name, 'Completed');
  });

  it('runs its failed tasks again when a person raises retry', async () => {
    let broken = true;
    wagon.script = (assignment) =>
      broken && assignment.task?.task.id === 't2'
        ? { state: 'Failed', reason: 'NotAccepted', message: 'it is empty', usage: NO_USAGE }
        : honest(assignment);
    const name = await stack.state({ directive: 'Try again' });
    await stack.decide(name, 'Approve');
    const failed = await stack.phase(name, 'Failed');
    expect(failed.status).toMatchObject({
      taskSummary: '1/2',
      tasks: [{ attempt: 1 }, { state: 'Failed', attempt: 2, message: 'NotAccepted: lxc-core: it is empty' }],
    });
    broken = false;
    await stack.patch(name, { retry: 1 });
    const done = await stack.phase(name, 'Completed');
    expect(done.status).toMatchObject({ taskSummary: '2/2', retriesTaken: 1, tasks: [{ attempt: 1 }, { attempt: 6 }] });
  });

  it('waits with the reason while no wagon matches, and goes on when one does', async () => {
    const name = await stack.state({
      directive: 'Somewhere else',
      wagonSelector: { matchLabels: { zone: 'lighthouse' } },
    });
    await stack.wait(
      name,
      ({ phase, queue }) => phase === 'Pending' && queue?.reason === 'NoMatchingWagon',
      'the reason',
    );
    const other = new ScriptedWagon({ nodeID: 'LXC-LIGHT', role: 'OSINT' });
    await stack.join(other, {}, { zone: 'lighthouse' });
    const asked = await stack.phase(name, 'AwaitingHuman');
    expect(asked.status).toMatchObject({ wagonName: 'lxc-light' });
    expect(asked.status?.queue).toBeUndefined();
  });

  it('waits for a provider that it names until there is one that some wagon reaches', async () => {
    const seats = { critic: { providers: ['oracle'] } };
    const name = await stack.state({ directive: 'Ask the oracle', debate: { seats }, wagonName: 'lxc-core' });
    await stack.wait(name, (status) => reason(status, 'Accepted') === 'UnknownProvider', 'the reason');
    await stack.client.create<KubeObject>(MODEL_PROVIDERS, {
      apiVersion: API_VERSION,
      kind: 'ModelProvider',
      metadata: { name: 'oracle', namespace: 'default' },
      spec: { type: 'OpenAICompatible', endpoint: 'http://127.0.0.1:9/v1', model: 'delphi' },
    });
    await stack.wait(name, ({ queue }) => queue?.reason === 'NoHealthyProvider', 'the next reason');
    wagon.providers = [
      { name: 'rehearsal', healthy: 'True' },
      { name: 'oracle', healthy: 'True' },
    ];
    await wagon.beat(stack.hubUrl);
    await stack.phase(name, 'AwaitingHuman');
    await stack.client.delete(MODEL_PROVIDERS, { namespace: 'default', name: 'oracle' });
  });

  it('gives every seat the context that it names', async () => {
    await stack.client.create<KubeObject & { data: object }>(CONFIG_MAPS, {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'harbour', namespace: 'default' },
      data: { notes: 'Shallow at ebb. ⚓' },
    });
    const name = await stack.state({ directive: 'Read first', context: [{ configMapName: 'harbour', key: 'notes' }] });
    const { metadata } = await stack.phase(name, 'AwaitingHuman');
    expect(wagon.puts.find(({ id }) => id === `${metadata.uid}.debate.1.1`)?.debate?.context).toEqual([
      { name: 'harbour/notes', text: 'Shallow at ebb. ⚓' },
    ]);
    await stack.client.patch(
      CONFIG_MAPS,
      { namespace: 'default', name: 'harbour' },
      { type: 'merge', body: { data: { notes: 'Deep.' } } },
    );
    await stack.decide(name, 'Approve');
    const failed = await stack.phase(name, 'Failed');
    expect(reason(failed.status ?? {})).toBe('InputsChanged');
  });

  it('waits for a context that is not there', async () => {
    const name = await stack.state({ directive: 'Read what', context: [{ configMapName: 'nowhere', key: 'notes' }] });
    const waiting = await stack.wait(name, (status) => reason(status, 'Accepted') === 'ContextMissing', 'the reason');
    expect(waiting.status?.phase).toBe('Pending');
  });

  it('is deleted after its time to live, but not where a GitOps tool would make it again', async () => {
    const kept = await stack.state(
      { directive: 'Keep me', ttlSecondsAfterFinished: 0, approval: { mode: 'Auto' } },
      { name: 'kept', labels: { 'kustomize.toolkit.fluxcd.io/name': 'apps' } },
    );
    const name = await stack.state({ directive: 'Drop me', ttlSecondsAfterFinished: 0, approval: { mode: 'Auto' } });
    await gone(stack, name);
    await stack.wait(kept, (status) => reason(status, 'RetainedByGitOps') === 'RetainedByGitOps', 'the condition');
  });

  it('spends within its budget, and ends when that is used', async () => {
    const name = await stack.state({ directive: 'Cheaply', budget: { maxTokens: 150 }, approval: { mode: 'Auto' } });
    const failed = await stack.phase(name, 'Failed');
    expect(reason(failed.status ?? {})).toBe('BudgetExhausted');
    expect(failed.status).toMatchObject({ taskSummary: '1/2', usage: { totalTokens: 200 } });
    const grants = wagon.puts.filter(({ objective }) => objective.name === name).map(({ grant }) => grant.tokens);
    expect(grants).toEqual([150, 50]);
  });

  it.each([
    { name: 'an empty directive', spec: { directive: '' } },
    { name: 'one of too many bytes in few characters', spec: { directive: '🎪'.repeat(4097) } },
    { name: 'an unknown seat', spec: { directive: 'x', debate: { seats: { jester: {} } } } },
    { name: 'an unknown word', spec: { directive: 'x', approval: { mode: 'Maybe' } } },
    { name: 'too many tasks', spec: { directive: 'x', execution: { maxTasks: 51 } } },
  ])('is refused with $name', async ({ spec }) => {
    const object = {
      apiVersion: API_VERSION,
      kind: 'Objective',
      metadata: { name: 'bad', namespace: 'default' },
      spec,
    };
    const resource = {
      group: 'darkcarnival.dev',
      version: 'v1alpha1',
      plural: 'objectives',
      kind: 'Objective',
      namespaced: true,
    };
    const error = await stack.client
      .create<KubeObject>(resource, object, { fieldValidation: 'Strict' })
      .catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(ApiError);
    expect([400, 422]).toContain((error as ApiError).code);
  });

  it('takes a directive of many bytes and of any script', async () => {
    const directive = '潮'.repeat(5461);
    const name = await stack.state({ directive });
    const { metadata } = await stack.phase(name, 'AwaitingHuman');
    expect(wagon.puts.find(({ id }) => id === `${metadata.uid}.debate.1.1`)?.debate?.directive).toBe(directive);
  });
});

function gone(stack: RingmasterStack, name: string): Promise<true> {
  return eventually(
    async () =>
      stack.get(name).then(
        () => undefined,
        (error: unknown) => (error instanceof ApiError && error.isNotFound ? true : undefined),
      ),
    { timeoutMs: 15_000, what: `${name} to be gone` },
  );
}
