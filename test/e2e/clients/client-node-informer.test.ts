import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CoreV1Api, type Informer, KubeConfig, makeInformer, type V1ConfigMap } from '@kubernetes/client-node';
import { afterEach, describe, expect, it } from 'vitest';
import { localKubeconfig } from '../../../local/src/process/local-kubeconfig.ts';
import { type LocalServerOptions, startLocalServer } from '../../../local/src/start-local-server.ts';
import { eventually } from '../../harness/eventually.ts';
import { LocalProcess } from './local-process.ts';

/** client-node's informer, and what the server may do to it. */

const namespace = 'default';
const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

/** What an informer of ConfigMaps has told so far, and how often it had to connect and to list. */
class Seen {
  readonly told: string[] = [];
  connects = 0;
  lists = 0;

  async toTell(...lines: string[]): Promise<void> {
    await eventually(async () => (lines.every((line) => this.told.includes(line)) ? true : undefined), {
      timeoutMs: 30_000,
      what: `the informer to tell ${lines.join(', ')}; it told ${this.told.join(', ')}`,
    }).catch((error: unknown) => {
      throw new Error(`told: ${this.told.join(', ')}`, { cause: error });
    });
  }
}

function configOf(kubeconfig: string): { config: KubeConfig; api: CoreV1Api } {
  const config = new KubeConfig();
  config.loadFromFile(kubeconfig);
  return { config, api: config.makeApiClient(CoreV1Api) };
}

/** Starts an informer as its README shows: where it ends with an error, it is started again. */
async function inform({ config, api }: ReturnType<typeof configOf>): Promise<Seen> {
  const seen = new Seen();
  const informer: Informer<V1ConfigMap> = makeInformer(config, `/api/v1/namespaces/${namespace}/configmaps`, () => {
    seen.lists += 1;
    return api.listNamespacedConfigMap({ namespace });
  });
  for (const verb of ['add', 'update', 'delete'] as const)
    informer.on(verb, ({ metadata, data }) => {
      seen.told.push(`${verb} ${metadata?.name}${verb === 'update' ? ` ${data?.['a']}` : ''}`);
    });
  informer.on('connect', () => {
    seen.connects += 1;
  });
  let again: NodeJS.Timeout | undefined;
  informer.on('error', () => {
    again = setTimeout(() => void informer.start(), 200);
  });
  await informer.start();
  closing.push(async () => {
    informer.on('error', () => clearTimeout(again));
    clearTimeout(again);
    await informer.stop();
  });
  return seen;
}

const create = (api: CoreV1Api, name: string) =>
  api.createNamespacedConfigMap({ namespace, body: { metadata: { name }, data: { a: '1' } } });
const change = async (api: CoreV1Api, name: string, a: string) => {
  const body = await api.readNamespacedConfigMap({ namespace, name });
  await api.replaceNamespacedConfigMap({ namespace, name, body: { ...body, data: { a } } });
};

/** A server in this process, whose watches may be short and whose store can be told to forget. */
async function startSmall(limits: Pick<LocalServerOptions, 'watchTimeoutMs'>) {
  const dir = mkdtempSync(join(tmpdir(), 'carnival-informer-'));
  closing.push(async () => rmSync(dir, { recursive: true, force: true }));
  const token = 'token-of-the-informer-test';
  const server = await startLocalServer({ store: 'memory', token, tls: { dir }, ...limits });
  closing.push(() => server.close());
  const kubeconfig = join(dir, 'kubeconfig');
  writeFileSync(kubeconfig, localKubeconfig({ url: server.url, caPem: server.caPem ?? '', token }));
  return { ...configOf(kubeconfig), store: server.store };
}

describe('an informer of client-node', () => {
  it('is told of what is there, added, updated and deleted', async () => {
    const client = await startSmall({});
    await create(client.api, 'before');
    const seen = await inform(client);
    await create(client.api, 'after');
    await change(client.api, 'before', '2');
    await client.api.deleteNamespacedConfigMap({ namespace, name: 'after' });
    await seen.toTell('add before', 'add after', 'update before 2', 'delete after');
    expect([seen.told.length, seen.lists]).toEqual([4, 1]);
  });

  it('goes on after the server was killed and started again, and misses nothing', async () => {
    const server = await LocalProcess.start();
    closing.push(() => server.stop());
    const client = configOf(server.kubeconfig);
    const seen = await inform(client);
    await create(client.api, 'kept');
    await seen.toTell('add kept');
    await server.restart();
    await change(client.api, 'kept', '2');
    await create(client.api, 'new');
    await seen.toTell('update kept 2', 'add new');
    // Its revision was still known: what it had seen was not told again.
    expect(seen.told.filter((line) => line === 'add kept')).toHaveLength(1);
  });

  it('resumes a watch that the server closes in its time, without another list', async () => {
    const client = await startSmall({ watchTimeoutMs: 300 });
    const seen = await inform(client);
    for (const name of ['a', 'b', 'c']) {
      await create(client.api, name);
      await seen.toTell(`add ${name}`);
      const before = seen.connects;
      await eventually(async () => (seen.connects > before ? true : undefined), {
        timeoutMs: 30_000,
        what: 'the watch to be closed and opened again',
      });
    }
    expect(seen.lists).toBe(1);
  });

  it('lists again when its revision is no longer known', async () => {
    const client = await startSmall({ watchTimeoutMs: 1000 });
    const seen = await inform(client);
    for (const name of ['s1', 's2', 's3'])
      await client.api.createNamespacedSecret({ namespace, body: { metadata: { name } } });
    client.store.compact(client.store.revision);
    await eventually(async () => (seen.lists > 1 ? true : undefined), {
      timeoutMs: 30_000,
      what: 'the informer to list again',
    });
    await create(client.api, 'late');
    await seen.toTell('add late');
  });
});
