import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadKubeconfig } from '@dark-carnival/kube';
import { loadAll } from 'js-yaml';
import { eventually } from '../../harness/eventually.ts';
import type { Json } from '../case.ts';
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

async function post(engine: Engine, path: string, body: unknown): Promise<void> {
  const answer = await engine.http.send({
    method: 'POST',
    path,
    text: JSON.stringify(body),
    headers: { 'content-type': 'application/json' },
  });
  if (answer.status !== 201 && answer.status !== 409)
    throw new Error(`${engine.name}: POST ${path} answered ${answer.status} ${answer.text}`);
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

function openCluster(path: string): Engine {
  const config = loadKubeconfig({ path, env: {} });
  const http = new Http({ url: config.server, ...config.credentials.current() });
  return {
    name: 'real',
    url: config.server,
    kubeconfig: path,
    http,
    hasControllers: true,
    stop: async () => http.close(),
  };
}

/** Starts what cases are run on. @returns the local engine first, then the real one. */
export async function startEngines(choice: Exclude<RealChoice, { missing: string }>): Promise<[Engine, Engine]> {
  const local = await startLocalEngine();
  await installCrds(local);
  if ('kubeconfig' in choice) {
    const cluster = openCluster(choice.kubeconfig);
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
  const body: Json = { apiVersion: 'v1', kind: 'Namespace', metadata: { name } };
  await post(engine, '/api/v1/namespaces', body);
}
