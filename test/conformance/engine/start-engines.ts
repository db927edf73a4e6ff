import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadKubeconfig } from '@dark-carnival/kube';
import { loadAll } from 'js-yaml';
import { eventually } from '../../harness/eventually.ts';
import { THINGS } from '../cases/things-crd.ts';
import type { RealChoice } from './choose-real.ts';
import { type Engine, Http } from './engine.ts';
import { startLocalEngine } from './local-engine.ts';
import { startRealServer } from './real-server.ts';

const CRD_FOLDER = join(import.meta.dirname, '..', '..', '..', 'crds', 'generated');
const CRDS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';

interface Crd {
  metadata: { name: string };
  spec: { group: string; names: { plural: string }; versions: { name: string }[] };
}

function crds(): Crd[] {
  const files = readdirSync(CRD_FOLDER).filter((name) => name.endsWith('.yaml'));
  return [...files.flatMap((name) => loadAll(readFileSync(join(CRD_FOLDER, name), 'utf8')) as Crd[]), THINGS];
}

/** What was made on a cluster that is not ours to throw away: taken back when the suite ends. */
const made = new WeakMap<Engine, string[]>();

async function post(engine: Engine, path: string, body: { metadata: { name: string } }): Promise<void> {
  const answer = await engine.http.send({
    method: 'POST',
    path,
    text: JSON.stringify(body),
    headers: { 'content-type': 'application/json' },
  });
  if (answer.status !== 201 && answer.status !== 409)
    throw new Error(`${engine.name}: POST ${path} answered ${answer.status} ${answer.text}`);
  if (answer.status === 201) made.set(engine, [...(made.get(engine) ?? []), `${path}/${body.metadata.name}`]);
}

/** Gives an engine our CRDs and the one for tests, and waits until they are served. */
async function installCrds(engine: Engine): Promise<void> {
  for (const crd of crds()) {
    await post(engine, CRDS, crd);
    const { group, names, versions } = crd.spec;
    const path = `/apis/${group}/${versions[0]?.name}/${names.plural}?limit=1`;
    await eventually(
      async () => ((await engine.http.send({ method: 'GET', path })).status === 200 ? true : undefined),
      {
        timeoutMs: 20_000,
        what: `${engine.name} to serve ${names.plural}`,
      },
    );
  }
}

/** Whether a namespace that is deleted goes: on an API server alone it stays Terminating for ever. */
async function finishesNamespaces(http: Http): Promise<boolean> {
  const name = `conformance-probe-${randomBytes(3).toString('hex')}`;
  const text = JSON.stringify({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
  const path = '/api/v1/namespaces';
  await http.send({ method: 'POST', path, text, headers: { 'content-type': 'application/json' } });
  await http.send({ method: 'DELETE', path: `${path}/${name}` });
  const look = async () =>
    (await http.send({ method: 'GET', path: `${path}/${name}` })).status === 404 ? true : undefined;
  return eventually(look, { timeoutMs: 10_000, what: 'a namespace to go' }).catch(() => false);
}

async function openCluster(path: string): Promise<Engine> {
  const config = loadKubeconfig({ path, env: {} });
  const http = new Http({ url: config.server, ...config.credentials.current() });
  const engine: Engine = {
    name: 'real',
    url: config.server,
    kubeconfig: path,
    http,
    hasControllers: await finishesNamespaces(http),
    stop: async () => {
      for (const object of made.get(engine)?.toReversed() ?? []) await http.send({ method: 'DELETE', path: object });
      http.close();
    },
  };
  return engine;
}

/** Starts what cases are run on. @returns the local engine first, then the real one. */
export async function startEngines(choice: Exclude<RealChoice, { missing: string }>): Promise<[Engine, Engine]> {
  const local = await startLocalEngine();
  await installCrds(local);
  if ('kubeconfig' in choice) {
    const cluster = await openCluster(choice.kubeconfig);
    await installCrds(cluster);
    return [local, cluster];
  }
  const real = await startRealServer(choice.assets);
  await installCrds(real);
  await real.startControllers();
  return [local, real];
}

/** Makes the namespace of a case on an engine. */
export async function makeNamespace(engine: Engine, name: string): Promise<void> {
  await post(engine, '/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name } } as {
    metadata: { name: string };
  });
}
