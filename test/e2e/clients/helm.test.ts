import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { MODEL_PROVIDERS, type ModelProvider, WAGONS, type Wagon } from '@dark-carnival/crds';
import { CONFIG_MAPS, createTransport, KubeClient, loadKubeconfig, SECRETS, type Transport } from '@dark-carnival/kube';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { requiresTier } from '../../harness/required-tiers.ts';
import { findProgram } from './find-program.ts';
import { LocalProcess } from './local-process.ts';
import { type Ended, runProgram } from './run-program.ts';

/** `helm template | kubectl apply`, as GitOps tools and people do it, and `helm install`. */

const CHART = join(import.meta.dirname, 'chart');
const CRDS = join(import.meta.dirname, '..', '..', '..', 'crds', 'generated');
const namespace = 'default';
const helm = findProgram('helm');
const kubectl = findProgram('kubectl');
const lacking = [...(helm ? [] : ['helm']), ...(kubectl ? [] : ['kubectl'])];
if (lacking.length > 0)
  console.warn(`\n*** HELM SKIPPED: there is no ${lacking.join(' and no ')} on the PATH or in KUBEBUILDER_ASSETS\n`);

it.runIf(requiresTier('clients'))('has a helm and a kubectl to run, as this run requires', () => {
  expect(lacking).toEqual([]);
});

describe.skipIf(lacking.length > 0)('a chart', () => {
  let server: LocalProcess;
  let transport: Transport;
  let client: KubeClient;

  const run = (args: string[], stdin = ''): Promise<Ended> =>
    runProgram(kubectl ?? '', args, {
      env: { KUBECONFIG: server.kubeconfig, KUBECACHEDIR: join(server.dir, 'cache') },
      stdin,
    });
  /** What a helm command prints, with values changed. */
  const runHelm = async (args: string[], values: object = {}): Promise<string> => {
    const homes = Object.fromEntries(['CACHE', 'CONFIG', 'DATA'].map((kind) => [`HELM_${kind}_HOME`, server.dir]));
    const env = { ...homes, KUBECONFIG: server.kubeconfig };
    const { code, stdout, stderr } = await runProgram(helm ?? '', [...args, '--namespace', namespace], {
      env,
      stdin: JSON.stringify(values),
    });
    expect([code, stderr]).toEqual([0, '']);
    return stdout;
  };
  const render = (values: object = {}) => runHelm(['template', 'show', CHART, '--values', '-'], values);
  const apply = async (manifests: string, ...more: string[]): Promise<string[]> => {
    const { code, stdout, stderr } = await run(['apply', '-f', '-', ...more], manifests);
    expect([code, stderr]).toEqual([0, '']);
    return stdout.trim().split('\n').sort();
  };
  const all = (outcome: string) =>
    [
      'configmap/show-notes',
      'modelprovider.darkcarnival.dev/show-model',
      'secret/show-key',
      'wagon.darkcarnival.dev/lxc-core',
    ].map((name) => `${name} ${outcome}`);

  beforeAll(async () => {
    if (lacking.length > 0) return;
    server = await LocalProcess.start();
    transport = createTransport(loadKubeconfig({ path: server.kubeconfig, env: {} }));
    client = new KubeClient(transport);
    const crds = readdirSync(CRDS).map((file) => readFileSync(join(CRDS, file), 'utf8'));
    await apply(crds.join('---\n'));
    const { code, stderr } = await run(['wait', 'crd', '--all', '--for=condition=Established', '--timeout=20s']);
    expect([code, stderr]).toEqual([0, '']);
  });
  afterAll(async () => {
    await transport?.close();
    await server?.stop();
  });

  it('makes everything, and finds it unchanged the second time', async () => {
    const manifests = await render();
    expect(await apply(manifests, '--dry-run=server')).toEqual(all('created (server dry run)'));
    expect(await apply(manifests)).toEqual(all('created'));
    const before = await client.get<Wagon>(WAGONS, { namespace, name: 'lxc-core' });
    expect(before.spec).toMatchObject({ nodeID: 'LXC-CORE', maxConcurrentJobs: 2 });
    expect(await apply(manifests)).toEqual(all('unchanged'));
    const after = await client.get<Wagon>(WAGONS, { namespace, name: 'lxc-core' });
    expect(after.metadata.resourceVersion).toBe(before.metadata.resourceVersion);
  });

  it('changes what changed values change, and nothing else', async () => {
    const wagon = { name: 'lxc-core', nodeID: 'LXC-CORE', role: 'CORE', port: 8101 };
    const another = { name: 'lxc-two', nodeID: 'LXC-TWO', role: 'CREATIVE', port: 8102 };
    const manifests = await render({ model: 'large', apiKey: 'another', wagons: [wagon, another] });
    expect((await run(['diff', '-f', '-'], manifests)).code).toBe(1);
    expect(await apply(manifests)).toEqual([
      'configmap/show-notes configured',
      'modelprovider.darkcarnival.dev/show-model configured',
      'secret/show-key configured',
      'wagon.darkcarnival.dev/lxc-core unchanged',
      'wagon.darkcarnival.dev/lxc-two created',
    ]);
    const provider = await client.get<ModelProvider>(MODEL_PROVIDERS, { namespace, name: 'show-model' });
    expect([provider.spec?.model, provider.metadata.generation]).toEqual(['large', 2]);
    const secret = await client.get(SECRETS, { namespace, name: 'show-key' });
    expect(secret).toMatchObject({ data: { apiKey: Buffer.from('another').toString('base64') } });
    expect((await run(['diff', '-f', '-'], manifests)).code).toBe(0);
  });

  it('is told at once which object of a chart is not taken, and applies the others', async () => {
    const { code, stdout, stderr } = await run(
      ['apply', '-f', '-'],
      await render({ maxConcurrentJobs: 0, model: 'other' }),
    );
    expect(code).toBe(1);
    expect(stdout).toContain('modelprovider.darkcarnival.dev/show-model configured');
    expect(stderr).toMatch(/The Wagon "lxc-core" is invalid: .*spec\.maxConcurrentJobs: Invalid value: 0/);
  });

  it('takes everything away again', async () => {
    const { code, stdout } = await run(['delete', '-f', '-', '--wait'], await render());
    expect([code, stdout.trim().split('\n')]).toEqual([
      0,
      expect.arrayContaining([expect.stringContaining('deleted')]),
    ]);
    const labels = { namespace, labelSelector: 'app.kubernetes.io/instance=show' };
    const left = await Promise.all(
      [WAGONS, MODEL_PROVIDERS, SECRETS, CONFIG_MAPS].map(async (kind) => (await client.list(kind, labels)).items),
    );
    expect(left.flat().map(({ metadata }) => metadata.name)).toEqual(['lxc-two']);
  });

  it('is installed, upgraded, rolled back and uninstalled by helm itself, which keeps its releases in Secrets', async () => {
    const model = async () =>
      (await client.find<ModelProvider>(MODEL_PROVIDERS, { namespace, name: 'fair-model' }))?.spec?.model;
    await runHelm(['install', 'fair', CHART, '--values', '-'], { model: 'one' });
    await runHelm(['upgrade', 'fair', CHART, '--values', '-'], { model: 'two' });
    expect(await model()).toBe('two');
    await runHelm(['rollback', 'fair', '1']);
    expect(await model()).toBe('one');
    const history = JSON.parse(await runHelm(['history', 'fair', '-o', 'json'])) as { status: string }[];
    expect(history.map(({ status }) => status)).toEqual(['superseded', 'superseded', 'deployed']);
    await runHelm(['uninstall', 'fair']);
    expect(await model()).toBeUndefined();
  });
});
