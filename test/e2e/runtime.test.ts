import { randomUUID } from 'node:crypto';
import type { KubeObject, ResourceRef } from '@dark-carnival/crds';
import { systemClock } from '@dark-carnival/crds/clock';
import {
  CUSTOM_RESOURCE_DEFINITIONS,
  createTransport,
  EVENTS,
  KubeClient,
  type KubeRequest,
  LEASES,
  Reflector,
  splitKey,
  type Transport,
} from '@dark-carnival/kube';
import { eventually } from '@dark-carnival/kube/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ControlPlane } from '../../controller/src/runtime/control-plane.ts';
import { Controller } from '../../controller/src/runtime/controller.ts';
import type { CoreEvent } from '../../controller/src/runtime/core-event.ts';
import { EventRecorder } from '../../controller/src/runtime/event-recorder.ts';
import { FencedTransport } from '../../controller/src/runtime/fenced-transport.ts';
import { addFinalizer, removeFinalizer } from '../../controller/src/runtime/finalizers.ts';
import { LeaderElection } from '../../controller/src/runtime/leader-election.ts';
import type { Lease } from '../../controller/src/runtime/lease.ts';
import { silentLogger } from '../../controller/src/runtime/logger.ts';
import { objectsOf } from '../../controller/src/runtime/source.ts';
import { patchStatus } from '../../controller/src/runtime/status-patch.ts';
import { openApiServer, type TestApiServer } from '../harness/api-server.ts';

type Show = KubeObject<{ size: number }, { phase?: string; note?: string }>;
const GROUP = 'runtimetest.example.dev';
const SHOWS: ResourceRef = { group: GROUP, version: 'v1', plural: 'shows', kind: 'Show', namespaced: true };
const NAMESPACES: ResourceRef = {
  group: '',
  version: 'v1',
  plural: 'namespaces',
  kind: 'Namespace',
  namespaced: false,
};

const showCrd = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: `shows.${GROUP}` },
  spec: {
    group: GROUP,
    scope: 'Namespaced',
    names: { plural: 'shows', singular: 'show', kind: 'Show', listKind: 'ShowList' },
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        subresources: { status: {} },
        schema: {
          openAPIV3Schema: {
            type: 'object',
            properties: {
              spec: { type: 'object', properties: { size: { type: 'integer', maximum: 1000 } } },
              status: { type: 'object', properties: { phase: { type: 'string' }, note: { type: 'string' } } },
            },
          },
        },
      },
    ],
  },
};

/** Counts what passes. */
class CountingTransport implements Transport {
  readonly seen: string[] = [];
  readonly #inner: Transport;

  constructor(inner: Transport) {
    this.#inner = inner;
  }

  request(request: KubeRequest) {
    this.seen.push(`${request.method} ${request.path}`);
    return this.#inner.request(request);
  }

  stream(request: KubeRequest) {
    return this.#inner.stream(request);
  }

  close() {
    return this.#inner.close();
  }

  writes(): string[] {
    return this.seen.filter((line) => !line.startsWith('GET ') && !line.includes('/leases'));
  }
}

describe('the runtime on an API server', () => {
  const namespace = `runtime-${randomUUID().slice(0, 8)}`;
  let api: TestApiServer;
  const open = () => createTransport(api.cluster);
  let transport: Transport;
  let client: KubeClient;
  const aShow = (name: string, size = 1): Show => ({
    apiVersion: `${GROUP}/v1`,
    kind: 'Show',
    metadata: { name, namespace },
    spec: { size },
  });

  beforeAll(async () => {
    api = await openApiServer();
    transport = open();
    client = new KubeClient(transport);
    await client
      .create(CUSTOM_RESOURCE_DEFINITIONS, showCrd)
      .catch((error) => expect(error).toMatchObject({ isAlreadyExists: true }));
    const metadata = { name: namespace };
    await client.create(NAMESPACES, { apiVersion: 'v1', kind: 'Namespace', metadata });
    await eventually(() => client.list(SHOWS, { namespace }), 15_000);
    await eventually(() => client.create(SHOWS, aShow('warm-up'), { dryRun: true }), 15_000);
  }, 60_000);

  afterAll(async () => {
    await client.delete(NAMESPACES, { name: namespace });
    await transport.close();
    await api.close();
  });

  it('speaks every verb and knows every refusal', async () => {
    const created = await client.create(SHOWS, aShow('verbs'), { fieldValidation: 'Strict' });
    await expect(client.create(SHOWS, aShow('verbs'))).rejects.toMatchObject({ isAlreadyExists: true });
    await expect(client.create(SHOWS, aShow('large', 5_000))).rejects.toMatchObject({ isInvalid: true, code: 422 });
    const ref = { namespace, name: 'verbs' };
    const merged = await client.patch<Show>(SHOWS, ref, { type: 'merge', body: { spec: { size: 2 } } });
    expect(merged).toMatchObject({ spec: { size: 2 }, metadata: { generation: 2 } });
    await expect(client.update(SHOWS, created)).rejects.toMatchObject({ isConflict: true });
    await client.update(SHOWS, { ...merged, spec: { size: 3 } });
    await expect(client.get(SHOWS, { namespace, name: 'nobody' })).rejects.toMatchObject({ isNotFound: true });
    await expect(client.delete(SHOWS, ref, { preconditions: { uid: 'other' } })).rejects.toMatchObject({ code: 409 });
    await client.delete(SHOWS, ref, { preconditions: { uid: created.metadata.uid ?? '' } });
    await expect(client.get(SHOWS, ref)).rejects.toMatchObject({ isNotFound: true });
  });

  it('patches status without touching spec, skips no-ops, and loses races silently', async () => {
    const read = await client.create(SHOWS, aShow('status'));
    const first = await patchStatus(client, SHOWS, read, { phase: 'Pending', note: 'x' }, { lock: 'Required' });
    expect(first).toMatchObject({ status: { phase: 'Pending', note: 'x' }, metadata: { generation: 1 } });
    const silent = { name: 'TransientError', silent: true };
    await expect(patchStatus(client, SHOWS, read, { phase: 'Lost' }, { lock: 'Required' })).rejects.toMatchObject(
      silent,
    );
    if (!first) return expect.unreachable('the first patch was sent');
    expect(await patchStatus(client, SHOWS, first, { phase: 'Pending', note: 'x' })).toBeUndefined();
    const tests = [{ path: '/status/phase', value: 'Running' }];
    await expect(patchStatus(client, SHOWS, first, { phase: 'Done' }, { tests })).rejects.toMatchObject(silent);
    await expect(
      patchStatus(client, SHOWS, read, { phase: 'Done' }, { form: 'json', lock: 'Required' }),
    ).rejects.toMatchObject(silent);
    const held = [{ path: '/status/phase', value: 'Pending' }];
    const done = await patchStatus(client, SHOWS, first, { phase: 'Done' }, { tests: held, lock: 'Required' });
    expect(done?.status).toEqual({ phase: 'Done' });
  });

  it('keeps an object until its finalizer goes', async () => {
    const show = await addFinalizer(client, SHOWS, await client.create(SHOWS, aShow('final')), 'example.dev/work');
    await client.delete(SHOWS, show.metadata);
    const dying = await client.get<Show>(SHOWS, show.metadata);
    expect(dying.metadata.deletionTimestamp).toBeDefined();
    await expect(removeFinalizer(client, SHOWS, show, 'example.dev/work')).rejects.toMatchObject({ silent: true });
    await removeFinalizer(client, SHOWS, dying, 'example.dev/work');
    await removeFinalizer(client, SHOWS, dying, 'example.dev/work');
    await expect(client.get(SHOWS, show.metadata)).rejects.toMatchObject({ isNotFound: true });
  });

  it('mirrors a kind: paged list, events, deletions, a selector', async () => {
    for (let index = 0; index < 12; index += 1) await client.create(SHOWS, aShow(`page-${index}`));
    const reflector = new Reflector<Show>(client, SHOWS, { namespace, pageSize: 5 });
    reflector.start();
    expect(await reflector.synced()).toBe(true);
    const listed = await client.list<Show>(SHOWS, { namespace, limit: 5 });
    expect(listed.items.length).toBeGreaterThanOrEqual(12);
    expect(reflector.store.size).toBe(listed.items.length);
    await client.patch(
      SHOWS,
      { namespace, name: 'page-0' },
      { type: 'merge', body: { metadata: { labels: { a: 'b' } } } },
    );
    await client.delete(SHOWS, { namespace, name: 'page-1' });
    await eventually(() => {
      expect(reflector.store.get(`${namespace}/page-0`)?.metadata.labels).toEqual({ a: 'b' });
      expect(reflector.store.get(`${namespace}/page-1`)).toBeUndefined();
    });
    const selected = await client.list<Show>(SHOWS, { namespace, labelSelector: 'a=b' });
    expect(selected.items.map(({ metadata }) => metadata.name)).toEqual(['page-0']);
    expect(reflector.store.get(`${namespace}/page-0`)?.metadata).not.toHaveProperty('managedFields');
    await reflector.stop();
  });

  it('learns by 410 that a revision is too old', async ({ skip }) => {
    if (api.ownedByTest) skip('a young local server still has every revision: its own tests have this case');
    const first = async () => {
      for await (const event of await client.watch(SHOWS, { namespace, resourceVersion: '1' })) return event;
      return undefined;
    };
    const outcome = await first().catch((error: unknown) => error);
    expect(outcome).toMatchObject({ isGone: true });
  });

  it('writes an Event once and counts it up', async () => {
    const show = await client.create(SHOWS, aShow('eventful'));
    const reporter = { component: 'runtime-test', instance: 'one' };
    const recorder = new EventRecorder({ client, reporter, clock: systemClock, logger: silentLogger });
    const occurrence = { type: 'Normal', reason: 'Opened', message: 'the curtain is up' } as const;
    recorder.record(show, occurrence);
    await recorder.flush();
    recorder.record(show, occurrence);
    await recorder.flush();
    expect(recorder.lost).toBe(0);
    const events = await client.list<CoreEvent>(EVENTS, { namespace });
    expect(events.items.filter(({ reason }) => reason === 'Opened')).toMatchObject([
      { count: 2, message: 'the curtain is up' },
    ]);
  });

  it('takes 50 objects through two visible phases in 100 writes, and settles at none', async () => {
    const counting = new CountingTransport(open());
    const reflector = new Reflector<Show>(new KubeClient(counting), SHOWS, { namespace, labelSelector: 'run=phases' });
    let plane: ControlPlane | undefined;
    const isLeader = () => plane?.election.isLeader() ?? false;
    const fenced = new KubeClient(new FencedTransport(counting, isLeader));
    const reconcile = async (key: string) => {
      const show = reflector.store.get(key);
      if (!show || show.status?.phase === 'Ready') return undefined;
      const phase = show.status?.phase === 'Running' ? 'Ready' : 'Running';
      const written = await patchStatus(fenced, SHOWS, show, { phase }, { lock: 'Required' });
      if (written) reflector.observe(written);
      return undefined;
    };
    const shows = new Controller({
      name: 'Show',
      reconcile,
      sources: [objectsOf(reflector)],
      clock: systemClock,
      logger: silentLogger,
      isLeader,
      workers: 16,
    });
    const identity = { stable: 'test', instance: randomUUID() };
    plane = new ControlPlane({
      reflectors: [reflector],
      controllers: [shows],
      elect: (callbacks) =>
        new LeaderElection({
          client: new KubeClient(counting),
          namespace,
          leaseName: 'phases',
          identity,
          clock: systemClock,
          random: Math.random,
          logger: silentLogger,
          ...callbacks,
        }),
      logger: silentLogger,
    });
    expect(await plane.start()).toBe(true);
    for (let index = 0; index < 50; index += 1) {
      const show = aShow(`phase-${index}`);
      await client.create(SHOWS, { ...show, metadata: { ...show.metadata, labels: { run: 'phases' } } });
    }
    await eventually(() => {
      const phases = [...reflector.store.values()].map(({ status }) => status?.phase);
      expect(phases.filter((phase) => phase === 'Ready')).toHaveLength(50);
    }, 15_000);
    expect(counting.writes()).toHaveLength(100);
    for (const key of reflector.store.keys()) shows.enqueue(key);
    await eventually(() => expect(shows.stats()).toMatchObject({ depth: 0, processing: 0 }));
    expect(counting.writes()).toHaveLength(100);
    expect(shows.stats()).toMatchObject({ failures: 0, failing: 0 });
    const lease = await client.get<Lease>(LEASES, { namespace, name: 'phases' });
    expect(lease.spec).toMatchObject({ holderIdentity: `test_${identity.instance}`, leaseTransitions: 1 });
    await plane.stop();
    const released = await client.get<Lease>(LEASES, { namespace, name: 'phases' });
    expect(released.spec?.holderIdentity ?? '').toBe('');
    const { name } = splitKey(`${namespace}/phase-0`);
    expect(await client.get<Show>(SHOWS, { namespace, name })).toMatchObject({ status: { phase: 'Ready' } });
    await counting.close();
  }, 60_000);
});
