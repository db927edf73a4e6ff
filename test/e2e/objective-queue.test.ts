import { MODEL_PROVIDERS, WAGONS } from '@dark-carnival/crds';
import { CONFIG_MAPS } from '@dark-carnival/kube';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ScriptedWagon } from '../../controller/testing/scripted-wagon.ts';
import { eventually } from '../harness/eventually.ts';
import { RingmasterStack } from '../harness/ringmaster-stack.ts';

describe('an Objective that waits says why, and since when', () => {
  let stack: RingmasterStack;
  const wagon = new ScriptedWagon();

  beforeAll(async () => {
    stack = await RingmasterStack.start();
    await stack.join(wagon, { maxConcurrentJobs: 1 });
  });
  afterAll(async () => {
    await stack.stop();
  });

  const queued = async (name: string, reason: string) => {
    const { status } = await stack.wait(name, ({ queue }) => queue?.reason === reason, `${name} to wait: ${reason}`);
    expect(Date.parse(status?.queue?.since ?? '')).toBeGreaterThan(Date.now() - 60_000);
    expect(status?.conditions?.find(({ type }) => type === 'Ready')).toMatchObject({ status: 'False', reason });
    return status?.queue?.since;
  };
  const setWagon = (spec: object) =>
    stack.client.patch(WAGONS, { namespace: 'default', name: wagon.name }, { type: 'merge', body: { spec } });

  it('no wagon matches, then it is cordoned, then it is free: since stays', async () => {
    await setWagon({ scheduling: 'Cordoned' });
    const name = await stack.state({ directive: 'Wait for it', wagonSelector: { matchLabels: { zone: 'pier' } } });
    const since = await queued(name, 'NoMatchingWagon');
    await stack.client.patch(
      WAGONS,
      { namespace: 'default', name: wagon.name },
      { type: 'merge', body: { metadata: { labels: { zone: 'pier' } } } },
    );
    expect(await queued(name, 'WagonCordoned')).toBe(since);
    await setWagon({ scheduling: 'Enabled' });
    const asked = await stack.phase(name, 'AwaitingHuman');
    expect(asked.status?.queue).toBeUndefined();
  });

  it('every wagon is busy', async () => {
    const honest = wagon.script;
    wagon.script = () => 'run';
    const first = await stack.state({ directive: 'First' });
    const { metadata } = await stack.phase(first, 'Debating');
    const name = await stack.state({ directive: 'Second' });
    await queued(name, 'NoFreeWagon');
    wagon.script = honest;
    wagon.finish(`${metadata.uid}.debate.1.1`);
    await stack.phase(name, 'AwaitingHuman');
  });

  it('no wagon reaches its provider', async () => {
    wagon.providers = [{ name: 'rehearsal', healthy: 'True' }];
    await stack.client.create(MODEL_PROVIDERS, {
      apiVersion: 'darkcarnival.dev/v1alpha1',
      kind: 'ModelProvider',
      metadata: { name: 'oracle', namespace: 'default' },
      spec: { type: 'OpenAICompatible', endpoint: 'http://127.0.0.1:9/v1', model: 'delphi' },
    } as never);
    const name = await stack.state({ directive: 'Ask', debate: { seats: { critic: { providers: ['oracle'] } } } });
    await queued(name, 'NoHealthyProvider');
    await stack.patch(name, { desiredState: 'Aborted' });
    await stack.phase(name, 'Aborted');
    await stack.client.delete(MODEL_PROVIDERS, { namespace: 'default', name: 'oracle' });
  });

  it.each([
    { spec: { debate: { seats: { critic: { providers: ['nobody'] } } } }, reason: 'UnknownProvider' },
    { spec: { context: [{ configMapName: 'nowhere', key: 'notes' }] }, reason: 'ContextMissing' },
    { spec: { approval: { separationOfDuties: 'Required' } } as const, reason: 'RequesterUnknown' },
  ])('what it names is not there: $reason', async ({ spec, reason }) => {
    const name = await stack.state({ directive: 'Name it', ...spec });
    await queued(name, reason);
    await stack.patch(name, { desiredState: 'Aborted' });
    const aborted = await stack.phase(name, 'Aborted');
    expect(aborted.status?.queue).toBeUndefined();
  });

  it('the others hold the rest of the budget', async () => {
    const honest = wagon.script;
    await setWagon({ maxConcurrentJobs: 4 });
    const tasks = ['t1', 't2'].map((id) => ({
      id,
      title: id,
      kind: 'File' as const,
      instruction: 'Do it.',
      path: `${id}.md`,
      acceptance: { type: 'NonEmpty' as const },
      risk: 'Low' as const,
      dependsOn: [],
    }));
    wagon.script = (assignment) => {
      if (assignment.task) return 'run';
      const result = honest(assignment);
      if (result === 'run' || !result.debate) return result;
      return { ...result, debate: { ...result.debate, plan: { summary: 'Two at once.', tasks } } };
    };
    const name = await stack.state({ directive: 'Share', budget: { maxTokens: 25_000 }, approval: { mode: 'Auto' } });
    const { metadata, status } = await stack.wait(
      name,
      ({ tasks: seen }) => seen?.[0]?.state === 'Running',
      'the first of two tasks',
    );
    expect(status?.tasks?.[1]?.state).toBe('Pending');
    wagon.script = honest;
    const id = `${metadata.uid}.task.t1.1`;
    await eventually(async () => wagon.jobs.has(id) || undefined, { timeoutMs: 10_000, what: 'the task to arrive' });
    wagon.finish(id);
    await stack.phase(name, 'Completed');
  });

  it('its wagon is not ready', async () => {
    await stack.client.create(WAGONS, {
      apiVersion: 'darkcarnival.dev/v1alpha1',
      kind: 'Wagon',
      metadata: { name: 'lxc-never', namespace: 'default' },
      spec: { nodeID: 'LXC-NEVER', role: 'CORE', runtime: { type: 'Process', process: { port: 1 } } },
    } as never);
    const name = await stack.state({ directive: 'Knock', wagonName: 'lxc-never' });
    await queued(name, 'WagonNotReady');
    expect(
      (
        await stack.client.list(CONFIG_MAPS, {
          namespace: 'default',
          labelSelector: `darkcarnival.dev/objective=${name}`,
        })
      ).items,
    ).toEqual([]);
  });
});
