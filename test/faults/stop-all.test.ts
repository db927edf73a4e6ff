import {
  API_VERSION,
  type KubeObject,
  MODEL_PROVIDERS,
  OBJECTIVES,
  type Objective,
  WAGONS,
  wagonTokenSecretName,
} from '@dark-carnival/crds';
import { type KubeClient, SECRETS } from '@dark-carnival/kube';
import { describe, expect, it, onTestFinished } from 'vitest';
import { aSlowModel } from '../../agent/testing/slow-model.ts';
import { temporaryFolder } from '../../agent/testing/temporary-folder.ts';
import { WagonClient } from '../../agent/testing/wagon-client.ts';
import { startProcess } from '../../agent/testing/wagon-process.ts';
import { eventually } from '../harness/eventually.ts';
import { freePort } from '../harness/free-port.ts';
import { RingmasterStack } from '../harness/ringmaster-stack.ts';
import { startStack } from '../harness/stack.ts';
import { Link } from './fleet/link.ts';

const PLAN = JSON.stringify({
  summary: 'One file.',
  tasks: [{ id: 't1', title: 'Chart', kind: 'File', instruction: 'Write it.', path: 'chart.md' }],
});
const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
/** Said with each run: docs/operating.md promises two seconds. */
const tell = (what: string, ms: number) => process.stderr.write(`stop-all: ${what}: ${Math.round(ms)} ms\n`);

async function tokenOf(client: KubeClient, wagon: string): Promise<string> {
  const secret = await eventually(
    () =>
      client.find<KubeObject & { data: { token: string } }>(SECRETS, {
        namespace: 'default',
        name: wagonTokenSecretName(wagon),
      }),
    { timeoutMs: 10_000, what: `the token of ${wagon}` },
  );
  return Buffer.from(secret.data.token, 'base64').toString('utf8');
}

/** All of it as processes: `carnival up`, its wagons, and the command. */
describe('carnival stop-all', () => {
  it('holds every job of connected wagons within two seconds: what is in flight finishes, and nothing else begins', async () => {
    const model = await aSlowModel();
    const stack = await startStack({
      wagons: ['LXC-CORE:CORE', 'LXC-OSINT:OSINT'],
      env: { CARNIVAL_OPENAI_COMPATIBLE_URL: model.endpoint, CARNIVAL_OPENAI_COMPATIBLE_MODEL: 'slow-1' },
    });
    onTestFinished(() => stack.stop());
    const names = ['one', 'two', 'three', 'four'];
    for (const name of names) {
      await stack.client.create<Objective>(OBJECTIVES, {
        apiVersion: API_VERSION,
        kind: 'Objective',
        metadata: { name, namespace: 'default' },
        spec: { directive: `Plan a tide chart, number ${name}` },
      } as Objective);
    }
    await eventually(async () => model.calls.length === names.length || undefined, {
      timeoutMs: 40_000,
      what: 'a call of each',
    }).catch(async (error: unknown) => {
      throw new Error((await stack.carnival('status')).stdout, { cause: error });
    });
    const open = [...model.calls];
    const jobs = await Promise.all(
      names.map(async (name) => {
        const { metadata, status } = await stack.client.get<Objective>(OBJECTIVES, { namespace: 'default', name });
        const wagon = await stack.client.get<KubeObject & { status: { address: string } }>(WAGONS, {
          namespace: 'default',
          name: status?.wagonName ?? '',
        });
        const client = new WagonClient(wagon.status.address, await tokenOf(stack.client, wagon.metadata.name));
        return { client, id: `${metadata.uid}.debate.1.1` };
      }),
    );
    const before = performance.now();
    const command = stack.carnival('stop-all', '--yes').then((done) => ({ ...done, at: performance.now() }));
    const heldAt = await Promise.all(
      jobs.map(async ({ client, id }) => {
        await client.jobWhen(id, ({ held }) => held === true);
        return performance.now();
      }),
    );
    const { code, at } = await command;
    expect(code).toBe(0);
    const last = Math.max(...heldAt);
    tell('from the start of the command to the last of 4 jobs held', last - before);
    tell('from its end', last - at);
    expect(last - at).toBeLessThan(2000);
    for (const call of open) call.answer('A vision of tides.');
    for (const { client, id } of jobs) await client.jobWhen(id, ({ debate }) => debate?.turns.length === 1);
    await sleep(1500);
    expect(model.calls).toHaveLength(names.length);
    expect((await stack.carnival('resume-all', '--yes')).code).toBe(0);
    expect(await model.nth(2 * names.length)).toBeDefined();
  }, 90_000);

  it('reaches a wagon that is cut off by its lease: 25 s after the last heartbeat it begins no call', async () => {
    const stack = await RingmasterStack.start();
    onTestFinished(() => stack.stop());
    const model = await aSlowModel();
    const port = await freePort();
    const [toHub, toWagon] = [await Link.to(Number(new URL(stack.hubUrl).port)), await Link.to(port)];
    onTestFinished(async () => {
      await Promise.all([toHub.close(), toWagon.close()]);
    });
    await stack.create(MODEL_PROVIDERS, 'slow', {
      type: 'OpenAICompatible',
      endpoint: model.endpoint,
      model: 'slow-1',
    });
    await stack.create(WAGONS, 'lxc-core', {
      nodeID: 'LXC-CORE',
      role: 'CORE',
      runtime: { type: 'External', external: { url: toWagon.url } },
    });
    const token = await tokenOf(stack.client, 'lxc-core');
    await startProcess({
      CARNIVAL_DATA: await temporaryFolder(),
      CARNIVAL_WAGON_TOKEN: token,
      PORT: String(port),
      RINGMASTER_URL: toHub.url,
      CARNIVAL_ADVERTISE_URL: toWagon.url,
    });
    const wagon = new WagonClient(`http://127.0.0.1:${port}`, token);
    const name = await stack.state({ directive: 'Plan a tide chart' });
    const first = await model.nth(1);
    const { metadata } = await stack.phase(name, 'Debating');
    const id = `${metadata.uid}.debate.1.1`;

    const cutAt = performance.now();
    for (const link of [toHub, toWagon]) link.cut();
    await stack.patch(name, { desiredState: 'Paused' });
    // Its lease still runs, and nobody could tell it: it goes on.
    first.answer('A vision of tides.');
    const second = await model.nth(2);
    tell('a call that began after the cut, while the lease ran', performance.now() - cutAt);
    await sleep(26_000 - (performance.now() - cutAt));
    second.answer('{"verdict":"accept","objections":[]}');
    await wagon.jobWhen(id, ({ debate }) => debate?.turns.length === 2);
    await sleep(4_000);
    tell('no call had begun by then, after the cut', performance.now() - cutAt);
    expect(model.calls).toHaveLength(2);

    const mendedAt = performance.now();
    for (const link of [toHub, toWagon]) link.mend();
    await wagon.jobWhen(id, ({ held }) => held === true);
    tell('from mending the link to the hold', performance.now() - mendedAt);
    await sleep(1500);
    expect(model.calls).toHaveLength(2);
    await stack.patch(name, { desiredState: 'Running' });
    (await model.nth(3)).answer(PLAN);
    await stack.phase(name, 'AwaitingHuman');
  }, 120_000);
});
