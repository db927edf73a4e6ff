import type { ClientRequest } from 'node:http';
import { get } from 'node:https';
import { API_VERSION, type KubeObject, OBJECTIVES } from '@dark-carnival/crds';
import { CONFIG_MAPS } from '@dark-carnival/kube';
import { eventually } from '../../harness/eventually.ts';
import { percentile, timeAll } from '../measure.ts';
import type { BenchEngine } from './bench-engine.ts';

const IN_FLIGHT = 20;
const NAMESPACE = 'default';

const configMap = (name: string, bytes: number): KubeObject =>
  ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name, namespace: NAMESPACE },
    data: { text: 'x'.repeat(bytes) },
  }) as KubeObject;

/** Creates ConfigMaps `<prefix>-0` … @returns creates per second. */
export async function creates(engine: BenchEngine, prefix: string, count: number, bytes: number): Promise<number> {
  const create = (index: number) => engine.client.create(CONFIG_MAPS, configMap(`${prefix}-${index}`, bytes));
  return (count / (await timeAll(count, IN_FLIGHT, create))) * 1000;
}

/** Makes what `statusWrites` writes to. */
export async function makeObjectives(engine: BenchEngine, count: number): Promise<void> {
  await timeAll(count, IN_FLIGHT, (index) =>
    engine.client.create(OBJECTIVES, {
      apiVersion: API_VERSION,
      kind: 'Objective',
      metadata: { name: `o-${index}`, namespace: NAMESPACE },
      spec: { directive: 'Plan a tide chart for a small harbour' },
    } as KubeObject),
  );
}

/** Merge patches of the status of `objects` Objectives, validated by their schema and CEL. @returns writes per second. */
export async function statusWrites(engine: BenchEngine, objects: number, count: number, run: number): Promise<number> {
  const write = (index: number) =>
    engine.client.patch(
      OBJECTIVES,
      { namespace: NAMESPACE, name: `o-${index % objects}` },
      {
        type: 'merge',
        body: { status: { phase: 'Pending', queue: { reason: `Run${run}x${index}`, since: '2026-11-24T12:00:00Z' } } },
      },
      { subresource: 'status' },
    );
  return (count / (await timeAll(count, IN_FLIGHT, write))) * 1000;
}

/** One list of everything, as an informer begins without pages. @returns seconds until its last byte was read. */
export async function listAll(engine: BenchEngine, expected: number): Promise<number> {
  const began = performance.now();
  const path = `/api/v1/namespaces/${NAMESPACE}/configmaps`;
  const { body } = await engine.transport.request({ method: 'GET', path, timeoutMs: 120_000 });
  const seconds = (performance.now() - began) / 1000;
  const found = (JSON.parse(body) as { items: unknown[] }).items.length;
  if (found !== expected) throw new Error(`${engine.name} listed ${found} of ${expected} ConfigMaps`);
  return seconds;
}

export interface FanOut {
  deliveriesPerSecond: number;
  /** From sending the create to reading the event, ms. */
  p50: number;
  p99: number;
}

/**
 * Opens a watch on a connection of its own and tells of each line. Bare node:https: our transport holds at most 128 connections to a server, and a reader that
 * parses would be measured instead of the engine.
 */
function openWatch(
  { cluster, name }: BenchEngine,
  path: string,
  onLines: (count: number) => void,
): Promise<ClientRequest> {
  const { token, ca } = cluster.credentials.current();
  return new Promise((resolve, reject) => {
    const request = get(`${cluster.server}${path}`, {
      agent: false,
      // Left to themselves the two servers choose differently, and reading would cost the client more of the one than of the other.
      ciphers: 'TLS_AES_128_GCM_SHA256',
      minVersion: 'TLSv1.3',
      headers: { authorization: `Bearer ${token}` },
      ...(ca === undefined ? { rejectUnauthorized: false } : { ca }),
    });
    request.once('error', reject).once('response', (response) => {
      if (response.statusCode !== 200) return reject(new Error(`${name} answered a watch with ${response.statusCode}`));
      response.on('error', () => {});
      response.on('data', (chunk: Buffer) => {
        let lines = 0;
        for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10, at + 1)) lines += 1;
        onLines(lines);
      });
      resolve(request);
    });
  });
}

/** `watchers` watches, each of which reads every one of `count` creates. @param prefix of their names */
export async function fanOut(engine: BenchEngine, prefix: string, watchers: number, count: number): Promise<FanOut> {
  const { metadata } = await engine.client.list(CONFIG_MAPS, { namespace: NAMESPACE, limit: 1 });
  const path = `/api/v1/namespaces/${NAMESPACE}/configmaps?watch=true&resourceVersion=${metadata.resourceVersion}&timeoutSeconds=600`;
  const sent: number[] = [];
  const delays: number[] = [];
  const all = Promise.withResolvers<void>();
  const open = () => {
    let seen = 0;
    return openWatch(engine, path, (lines) => {
      for (const end = seen + lines; seen < end; seen += 1) delays.push(performance.now() - (sent[seen] ?? Number.NaN));
      if (delays.length === watchers * count) all.resolve();
    });
  };
  const requests: ClientRequest[] = [];
  await timeAll(watchers, IN_FLIGHT, async () => requests.push(await open()));
  const began = performance.now();
  for (let index = 0; index < count; index += 1) {
    sent.push(performance.now());
    await engine.client.create(CONFIG_MAPS, configMap(`${prefix}-${index}`, 200));
  }
  await all.promise;
  const seconds = (performance.now() - began) / 1000;
  for (const request of requests) request.destroy();
  return {
    deliveriesPerSecond: (watchers * count) / seconds,
    p50: percentile(delays, 50),
    p99: percentile(delays, 99),
  };
}

export interface Rewriting {
  perSecond: number;
  /** From sending a patch to its answer, ms. */
  p99: number;
  longest: number;
}

/**
 * Patches `objects` ConfigMaps `<prefix>-0` … over and over, for a time and a number of times, so that the engine has a past to forget, and does so meanwhile: what it began
 * from must be gone in the end.
 */
export async function rewriting(
  engine: BenchEngine,
  prefix: string,
  objects: number,
  { forMs, atLeast }: { forMs: number; atLeast: number },
): Promise<Rewriting> {
  await creates(engine, prefix, objects, 1024);
  const { metadata } = await engine.client.list(CONFIG_MAPS, { namespace: NAMESPACE, limit: 1 });
  const waits: number[] = [];
  const began = performance.now();
  const isOver = () => waits.length >= atLeast && performance.now() - began >= forMs;
  // A lane has its objects to itself: no patch meets another.
  const lane = async (first: number) => {
    for (let index = first; !isOver(); index += IN_FLIGHT) {
      const target = { namespace: NAMESPACE, name: `${prefix}-${index % objects}` };
      const sent = performance.now();
      await engine.client.patch(CONFIG_MAPS, target, { type: 'merge', body: { data: { turn: String(index) } } });
      waits.push(performance.now() - sent);
    }
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, (_, first) => lane(first)));
  const seconds = (performance.now() - began) / 1000;
  await untilForgotten(engine, metadata.resourceVersion ?? '');
  return { perSecond: waits.length / seconds, p99: percentile(waits, 99), longest: Math.max(...waits) };
}

/** kube-apiserver goes on to answer from snapshots of its own for a while after etcd has forgotten. */
async function untilForgotten({ transport, name }: BenchEngine, resourceVersion: string): Promise<void> {
  const path = `/api/v1/namespaces/${NAMESPACE}/configmaps?resourceVersion=${resourceVersion}&resourceVersionMatch=Exact&limit=1`;
  const isForgotten = async () =>
    (await transport.request({ method: 'GET', path })).status === 410 ? true : undefined;
  await eventually(isForgotten, { timeoutMs: 120_000, everyMs: 500, what: `${name} to forget ${resourceVersion}` });
}
