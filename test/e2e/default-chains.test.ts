import { MODEL_PROVIDERS } from '@dark-carnival/crds';
import { CONFIG_MAPS, type ConfigMap } from '@dark-carnival/kube';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ScriptedWagon } from '../../controller/testing/scripted-wagon.ts';
import { eventually } from '../harness/eventually.ts';
import { RingmasterStack } from '../harness/ringmaster-stack.ts';

const ref = { namespace: 'default', name: 'carnival-defaults' };

describe('the ConfigMap carnival-defaults', () => {
  let stack: RingmasterStack;
  const wagon = new ScriptedWagon();

  beforeAll(async () => {
    stack = await RingmasterStack.start();
    for (const name of ['moon', 'sun'])
      await stack.client.create(MODEL_PROVIDERS, {
        apiVersion: 'darkcarnival.dev/v1alpha1',
        kind: 'ModelProvider',
        metadata: { name, namespace: 'default' },
        spec: { type: 'OpenAICompatible', endpoint: 'http://127.0.0.1:9/v1', model: name },
      } as never);
    wagon.providers = ['moon', 'sun'].map((name) => ({ name, healthy: 'True' as const }));
    await stack.join(wagon, { maxConcurrentJobs: 4 });
  });
  afterAll(async () => {
    await stack.stop();
  });

  const set = async (data: Record<string, string>) => {
    const body = { apiVersion: 'v1', kind: 'ConfigMap', metadata: ref, data };
    const known = await stack.client.find<ConfigMap>(CONFIG_MAPS, ref);
    const operations = [{ op: 'replace' as const, path: '/data', value: data }];
    if (known) await stack.client.patch(CONFIG_MAPS, ref, { type: 'json', operations });
    else await stack.client.create<ConfigMap>(CONFIG_MAPS, body);
  };
  const notAccepted = (name: string, reason: string) =>
    stack.wait(
      name,
      ({ conditions }) => conditions?.some((one) => one.type === 'Accepted' && one.reason === reason) ?? false,
      `${name} to be ${reason}`,
    );
  /** Chains of the first assignment that came of an Objective. */
  const chainsOf = async (name: string) => {
    const assignment = await eventually(async () => wagon.puts.find(({ objective }) => objective.name === name), {
      timeoutMs: 10_000,
      what: `an assignment of ${name}`,
    });
    const { visionary, critic, tactician } = assignment.debate?.seats ?? {};
    return [visionary, critic, tactician].map((chain) => chain?.providers.join());
  };

  it('says who answers in the seats that an Objective leaves open', async () => {
    await set({ visionary: 'sun\nmoon', critic: 'moon, sun', execution: 'moon' });
    const seats = { critic: { providers: ['sun'] } };
    const name = await stack.state({ directive: 'Ask', debate: { seats }, approval: { mode: 'Auto' } });
    expect(await chainsOf(name)).toEqual(['sun,moon', 'sun', 'moon,sun']);
    await stack.phase(name, 'Completed');
    const tasks = wagon.puts.filter(({ objective, task }) => objective.name === name && task !== undefined);
    expect(new Set(tasks.map(({ task }) => task?.chain.providers.join()))).toEqual(new Set(['moon']));
  });

  it('holds Objectives up where it names nobody or cannot be read, says so, and lets them go on within seconds', async () => {
    await set({ critic: 'nobody' });
    const name = await stack.state({ directive: 'Wait' });
    const { status } = await notAccepted(name, 'UnknownProvider');
    expect(status?.conditions?.find(({ type }) => type === 'Ready')).toMatchObject({
      status: 'False',
      message: 'no such ModelProvider in this namespace: nobody, named by ConfigMap carnival-defaults',
    });
    await set({ critc: 'moon' });
    const malformed = await notAccepted(name, 'DefaultsMalformed');
    const written = malformed.metadata.resourceVersion;
    await new Promise((resolve) => setTimeout(resolve, 1500));
    expect((await stack.get(name)).metadata.resourceVersion).toBe(written);
    await set({ critic: 'sun' });
    expect((await chainsOf(name))[1]).toBe('sun');
    await stack.phase(name, 'AwaitingHuman');
  });

  it('changes what is assigned next, not what runs; taken away, the order of families holds again', async () => {
    await set({ tactician: 'sun' });
    const honest = wagon.script;
    wagon.script = () => 'run';
    const name = await stack.state({ directive: 'Go on', debate: { rounds: 2 } });
    const { metadata } = await stack.phase(name, 'Debating');
    await stack.client.delete(CONFIG_MAPS, ref);
    await new Promise((resolve) => setTimeout(resolve, 1000));
    expect((await stack.get(name)).status).toMatchObject({ phase: 'Debating', debate: { attempt: 1 } });
    wagon.script = honest;
    wagon.finish(`${metadata.uid}.debate.1.1`);
    await stack.phase(name, 'AwaitingHuman');
    const rounds = wagon.puts.filter(({ objective }) => objective.name === name);
    expect(rounds.map(({ debate }) => debate?.seats.tactician.providers.join())).toEqual(['sun', 'moon,sun']);
  });
});
