import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { OBJECTIVES, type Objective, type ObjectiveStatus, WAGONS, type Wagon } from '@dark-carnival/crds';
import { createTransport, KubeClient, loadKubeconfig, SECRETS, type Secret } from '@dark-carnival/kube';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../harness/eventually.ts';
import { freePort } from '../harness/free-port.ts';
import { NetworkLink } from '../harness/network-link.ts';
import { NetworkNamespace, noNamespacesReason } from '../harness/network-namespaces.ts';
import { requiresTier } from '../harness/required-tiers.ts';
import { type RunningProgram, startProgram } from '../harness/running-program.ts';
import { runCarnival } from '../harness/stack.ts';

/**
 * Two machines: this one has the hub, another network namespace the wagon and its model. Between them is a link that can be slow, lose packets, or be cut.
 */
const root = join(import.meta.dirname, '..', '..');
const CARNIVAL = join(root, 'cli/bin/carnival.mjs');
const MODEL_PORT = 9001;
const MODEL_MS = 2_500;
const KEY = 'canary-key-of-the-provider';

const reason = noNamespacesReason();
if (reason !== undefined) {
  if (requiresTier('e2e')) throw new Error(`two machines cannot be simulated: ${reason}`);
  process.stderr.write(`SKIPPED joining-two-machines: ${reason}\n`);
}

interface Question {
  seat: string;
  digest: string;
  key?: string;
}

describe.skipIf(reason !== undefined)('a wagon on another machine', () => {
  let dir: string;
  let machine: NetworkNamespace;
  let link: NetworkLink;
  let hub: RunningProgram;
  let model: RunningProgram;
  let wagon: RunningProgram;
  let client: KubeClient;
  let env: Record<string, string>;
  let hubPort: number;
  let joinToken: string;

  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), 'carnival-two-'));
    machine = new NetworkNamespace('wagon');
    link = await NetworkLink.open(machine);
    env = { PATH: process.env['PATH'] ?? '', HOME: dir, NO_COLOR: '1', OLLAMA_HOST: 'http://127.0.0.1:9' };
    hubPort = await freePort();
    const args = ['up', '--data', join(dir, 'hub'), '--no-wagons', '--port', String(hubPort), '--listen', link.here];
    const providers = { KIMI_ENDPOINT: `http://127.0.0.1:${MODEL_PORT}/v1`, KIMI_API_KEY: KEY };
    hub = startProgram(process.execPath, [CARNIVAL, ...args], { env: { ...env, ...providers }, cwd: dir });
    model = inside('node', join(root, 'test/harness/counting-model.ts'), String(MODEL_PORT), String(MODEL_MS));
    await hub.printed(/^ready/m, 40_000);
    await model.printed(/ready/, 20_000);
    client = new KubeClient(createTransport(loadKubeconfig({ path: join(dir, 'hub', 'kubeconfig'), env: {} })));
  }, 60_000);

  afterAll(async () => {
    await link?.trouble(0, 0);
    await Promise.all([wagon?.stop(), model?.stop()]);
    await hub?.stop();
    await link?.close();
    machine?.remove();
    rmSync(dir, { recursive: true, force: true });
  }, 60_000);

  const inside = (command: string, ...args: string[]): RunningProgram => {
    const words = command === 'node' ? [process.execPath, '--disable-warning=ExperimentalWarning'] : [command];
    return startProgram(...machine.inside(...words, ...args), { env, cwd: dir });
  };
  const startWagon = (given: Record<string, string>) => {
    const [program, args] = machine.inside(process.execPath, CARNIVAL, 'wagon', '--port', '8081');
    return startProgram(program, args, { env: { ...env, CARNIVAL_DATA: join(dir, 'far'), ...given }, cwd: dir });
  };
  const carnival = (...args: string[]) => runCarnival(args, { ...env, KUBECONFIG: join(dir, 'hub', 'kubeconfig') });
  const wagonWhen = (until: (wagon: Wagon) => boolean, what: string, timeoutMs = 30_000) =>
    eventually(
      async () => {
        const found = await client.find<Wagon>(WAGONS, { namespace: 'default', name: 'far' });
        return found && until(found) ? found : undefined;
      },
      { timeoutMs, what: `wagon far to be ${what}; it printed ${wagon?.output()}`, everyMs: 100 },
    );
  const objectiveWhen = async (name: string, until: (status: ObjectiveStatus) => boolean, timeoutMs: number) => {
    let seen: Objective | undefined;
    const look = async () => {
      seen = await client.find<Objective>(OBJECTIVES, { namespace: 'default', name });
      return seen?.status && until(seen.status) ? seen : undefined;
    };
    return eventually(look, { timeoutMs, what: name, everyMs: 50 }).catch((error: unknown) => {
      throw new Error(`last seen: ${JSON.stringify(seen?.status, undefined, 1)}\n${wagon.output()}`, { cause: error });
    });
  };
  const questions = (): Question[] =>
    model
      .output()
      .split('\n')
      .filter((line) => line.includes('"seat"'))
      .map((line) => JSON.parse(line) as Question);
  const state = (name: string) => carnival('run', 'Plan a tide chart for a small harbour', '--name', name);

  it('joins by a token over pinned TLS, and leaves no secret behind in arguments or logs', async () => {
    const made = await carnival('join-token', 'create', '--role', 'OSINT');
    expect(made.code).toBe(0);
    joinToken = made.stdout.trim();
    wagon = startWagon({ CARNIVAL_JOIN_TOKEN: joinToken, NODE_ID: 'FAR' });
    await wagon.printed(/"ready":true/, 40_000);
    const { status, spec } = await wagonWhen(({ status }) => status?.phase === 'Ready', 'Ready');
    expect(status?.address).toBe(`https://${link.there}:8081`);
    expect(status?.tlsFingerprint).toMatch(/^sha256:/);
    expect(spec).toMatchObject({ nodeID: 'FAR', role: 'OSINT', providers: [] });
    expect(wagon.output()).toContain(`joined https://${link.here}:${hubPort} as far, role OSINT`);
    const secret = joinToken.split('.').at(-1) ?? '';
    const own = await client.get<Secret>(SECRETS, { namespace: 'default', name: 'far-token' });
    const token = Buffer.from(own.data?.['token'] ?? '', 'base64').toString();
    const folder = join(dir, 'hub', 'logs');
    const logs = readdirSync(folder).map((name) => readFileSync(join(folder, name), 'utf8'));
    for (const text of [wagon.output(), hub.output(), ...logs]) {
      expect(text).not.toContain(secret);
      expect(text).not.toContain(token);
    }
  });

  it('is given no key, and asks no model, until a person grants it a provider', async () => {
    expect((await state('early')).code).toBe(0);
    await objectiveWhen('early', ({ queue }) => queue?.reason === 'NoHealthyProvider', 20_000);
    const { status } = await wagonWhen((wagon) => wagon.status !== undefined, 'there');
    expect(status?.providers?.map(({ name }) => name)).not.toContain('kimi');
    expect(questions()).toEqual([]);
    const patch = { type: 'merge', body: { spec: { providers: ['kimi'] } } } as const;
    await client.patch(WAGONS, { namespace: 'default', name: 'far' }, patch);
    await wagonWhen(
      ({ status }) => status?.providers?.some(({ name, healthy }) => name === 'kimi' && healthy === 'True') ?? false,
      'granted kimi',
    );
    await objectiveWhen('early', ({ phase }) => phase === 'AwaitingHuman', 60_000);
    expect(questions().every(({ key }) => key === `Bearer ${KEY}`)).toBe(true);
  });

  it('starts no call once the link is cut and its lease over, is stale, comes back, and buys again no more than was in flight', async () => {
    expect((await carnival('approve', 'early')).code).toBe(0);
    await objectiveWhen('early', ({ tasks }) => tasks?.some(({ state }) => state === 'Running') ?? false, 20_000);
    await eventually(async () => questions().some(({ seat }) => seat === 'task') || undefined, {
      timeoutMs: 20_000,
      what: 'a task to be asked of the model',
    });
    await link.cut();
    const inFlight = questions().filter(({ seat }) => seat === 'task').length;
    const cutAt = Date.now();
    const stale = await wagonWhen(({ status }) => status?.phase !== 'Ready', 'no longer Ready', 75_000);
    expect(['Stale', 'Evicted']).toContain(stale.status?.phase);
    expect(Date.now() - cutAt).toBeGreaterThan(25_000);
    // The lease has been over for long: whatever it does now, it asks nobody.
    const asked = questions().length;
    await new Promise((resolve) => setTimeout(resolve, MODEL_MS * 2));
    expect(questions()).toHaveLength(asked);
    await link.mend();
    await wagonWhen(({ status }) => status?.phase === 'Ready', 'Ready again', 40_000);
    await objectiveWhen('early', ({ phase }) => phase === 'Completed', 60_000);
    const digests = questions().map(({ digest }) => digest);
    // What was asked when the link went may be asked once more by the next attempt; what began after is not.
    expect(digests.length - new Set(digests).size).toBeLessThanOrEqual(inFlight);
    const { stdout } = await carnival('vault', 'ls', 'FAR');
    for (const word of ['one', 'two', 'three', 'four']) expect(stdout).toContain(`chapter-${word}.md`);
  }, 150_000);

  it('needs no join token at its next start, and works over a slow link that loses packets', async () => {
    await wagon.stop();
    await link.trouble(60, 0.05);
    wagon = startWagon({});
    await wagon.printed(/"ready":true/, 40_000);
    await wagonWhen(({ status }) => status?.phase === 'Ready', 'Ready', 40_000);
    const before = questions().length;
    expect((await state('later')).code).toBe(0);
    await objectiveWhen('later', ({ phase }) => phase === 'AwaitingHuman', 60_000);
    expect((await carnival('approve', 'later')).code).toBe(0);
    await objectiveWhen('later', ({ phase }) => phase === 'Completed', 60_000);
    const digests = questions()
      .slice(before)
      .map(({ digest }) => digest);
    expect(new Set(digests).size).toBe(digests.length);
    await link.trouble(0, 0);
  }, 150_000);

  it('is put out by removing its token and object, and its old token lets it in no more', async () => {
    await client.delete(WAGONS, { namespace: 'default', name: 'far' });
    await client.delete(SECRETS, { namespace: 'default', name: 'far-token' });
    await wagon.printed(/The ringmaster refuses this wagon/, 75_000);
    const again = startWagon({ CARNIVAL_JOIN_TOKEN: joinToken });
    await again.printed(/is in use by another wagon|refuses this wagon/, 30_000).finally(() => again.stop());
  }, 150_000);
});
