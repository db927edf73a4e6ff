import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { KubeObject } from '@dark-carnival/crds';
import { CONFIG_MAPS, createTransport, KubeClient, loadKubeconfig } from '@dark-carnival/kube';
import { PROGRAMS, V8_FLAGS } from '../../local/src/up/programs.ts';
import { percentile, type Row, residentMB, timeAll } from './measure.ts';

const NODE_COMPILE_CACHE = join(import.meta.dirname, '..', '..', 'node_modules', '.cache', 'dark-carnival');
const CREATES = 2_000;
const WATCHERS = 100;
const FANNED_OUT = 200;

/** The embedded API server alone, as its own process with its store on disk, over https. */
export async function benchApiServer(): Promise<Row[]> {
  const data = mkdtempSync(join(tmpdir(), 'carnival-bench-'));
  // As `carnival up` starts it.
  const args = ['--disable-warning=ExperimentalWarning', ...V8_FLAGS.api, PROGRAMS.api, '--data', data];
  const child = spawn(process.execPath, args, {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, NODE_COMPILE_CACHE },
  });
  const ready = await firstLine(child);
  const { kubeconfig } = JSON.parse(ready) as { kubeconfig: string };
  const transport = createTransport(loadKubeconfig({ path: kubeconfig, env: {} }));
  const client = new KubeClient(transport);
  const create = (name: string) => client.create(CONFIG_MAPS, configMap(name));
  try {
    const perSecond: number[] = [];
    for (const run of [1, 2, 3, 4, 5]) {
      const ms = await timeAll(CREATES, 20, (index) => create(`c${run}-${index}`));
      perSecond.push((CREATES / ms) * 1000);
    }
    const afterCreates = residentMB(child.pid ?? 0);
    const fanOut = await benchFanOut(client, create);
    return [
      {
        name: 'creates, 20 in flight',
        unit: '/s',
        runs: perSecond,
        note: `${CREATES} ConfigMaps of 1 KB a run, acknowledged after commit`,
      },
      ...fanOut,
      { name: `RSS with ${CREATES * 5} objects`, unit: 'MB', runs: [afterCreates], note: 'VmRSS' },
    ];
  } finally {
    await transport.close();
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGTERM');
    await ended;
    rmSync(data, { recursive: true, force: true });
  }
}

/** Every watcher must see every object; the time of each delivery is taken from just before the create was sent. */
async function benchFanOut(client: KubeClient, create: (name: string) => Promise<unknown>): Promise<Row[]> {
  const { metadata } = await client.list(CONFIG_MAPS, { namespace: 'default', limit: 500 });
  const sent = new Map<string, number>();
  const delays: number[] = [];
  const stopping = new AbortController();
  const resourceVersion = metadata.resourceVersion ?? '0';
  const watchers = Array.from({ length: WATCHERS }, async () => {
    let seen = 0;
    for await (const event of await client.watch(CONFIG_MAPS, {
      namespace: 'default',
      resourceVersion,
      signal: stopping.signal,
    })) {
      const began = event.type === 'ADDED' ? sent.get(event.object.metadata.name) : undefined;
      if (began === undefined) continue;
      delays.push(performance.now() - began);
      seen += 1;
      if (seen === FANNED_OUT) return;
    }
  });
  const began = performance.now();
  for (let index = 0; index < FANNED_OUT; index += 1) {
    const name = `fan-${index}`;
    sent.set(name, performance.now());
    await create(name);
  }
  await Promise.all(watchers);
  const seconds = (performance.now() - began) / 1000;
  stopping.abort();
  return [
    {
      name: `watch fan-out to ${WATCHERS}`,
      unit: 'deliveries/s',
      runs: [(WATCHERS * FANNED_OUT) / seconds],
      note: `${FANNED_OUT} creates one after the other, reader in the same machine`,
    },
    { name: `create sent → event read, ${WATCHERS} watchers, p50`, unit: 'ms', runs: [percentile(delays, 50)] },
    { name: `create sent → event read, ${WATCHERS} watchers, p99`, unit: 'ms', runs: [percentile(delays, 99)] },
  ];
}

const configMap = (name: string): KubeObject =>
  ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name, namespace: 'default' },
    data: { text: 'x'.repeat(1024) },
  }) as KubeObject;

function firstLine(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let printed = '';
    child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
      printed += chunk;
      const end = printed.indexOf('\n');
      if (end >= 0) resolve(printed.slice(0, end));
    });
    child.once('exit', (code) => reject(new Error(`the API server ended with ${code}`)));
  });
}
