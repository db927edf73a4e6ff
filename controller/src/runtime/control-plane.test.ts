import { systemClock } from '@dark-carnival/crds/clock';
import { createTransport, KubeClient, type KubeRequest, PoolRegistry, Reflector } from '@dark-carnival/kube';
import {
  answerJson,
  eventually,
  startHttpServer,
  type TestServer,
  WIDGETS,
  type Widget,
  WidgetServer,
} from '@dark-carnival/kube/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { ControlPlane } from './control-plane.ts';
import { Controller } from './controller.ts';
import { FencedTransport } from './fenced-transport.ts';
import { LeaderElection } from './leader-election.ts';
import type { Lease } from './lease.ts';
import { silentLogger } from './logger.ts';
import { mappedFrom, objectsOf, ownersOfKind } from './source.ts';

const servers: TestServer[] = [];
afterEach(() => Promise.all(servers.splice(0).map((server) => server.close())));

/** One lease over real sockets. */
async function leaseServer() {
  let lease: Lease | undefined;
  let version = 0;
  const server = await startHttpServer(({ method, body }, response) => {
    if (method === 'GET') return lease ? answerJson(response, 200, lease) : answerJson(response, 404, {});
    const sent = JSON.parse(body) as Lease;
    if (lease && sent.metadata.resourceVersion !== lease.metadata.resourceVersion) return answerJson(response, 409, {});
    version += 1;
    lease = { ...sent, metadata: { ...sent.metadata, resourceVersion: String(version) } };
    return answerJson(response, 200, lease);
  });
  servers.push(server);
  return { server, holder: () => lease?.spec?.holderIdentity };
}

async function aReplica(name: string, widgets: WidgetServer, leases: TestServer) {
  const clientOf = (server: TestServer) =>
    new KubeClient(createTransport(server.config(), { pools: new PoolRegistry() }));
  const reflector = new Reflector<Widget>(clientOf(widgets.http), WIDGETS, { backoff: { baseMs: 5, maxMs: 20 } });
  const seen: string[] = [];
  const plane: ControlPlane = new ControlPlane({
    reflectors: [reflector],
    controllers: [
      new Controller({
        name: 'Widget',
        sources: [objectsOf(reflector), mappedFrom(reflector, ownersOfKind('Widget'))],
        reconcile: async (key) => void seen.push(key),
        clock: systemClock,
        logger: silentLogger,
        isLeader: () => plane.election.isLeader(),
      }),
    ],
    elect: (callbacks) =>
      new LeaderElection({
        client: clientOf(leases),
        namespace: 'show',
        leaseName: 'ring',
        identity: { stable: name, instance: 'x' },
        clock: systemClock,
        random: Math.random,
        logger: silentLogger,
        retryPeriodMs: 20,
        ...callbacks,
      }),
    logger: silentLogger,
  });
  return { plane, seen, reflector };
}

describe('ControlPlane', () => {
  it('works on the leader only, and hands everything over when it stops', async () => {
    const widgets = await new WidgetServer().start();
    servers.push(widgets.http);
    const leases = await leaseServer();
    widgets.put('a');
    const first = await aReplica('one', widgets, leases.server);
    const second = await aReplica('two', widgets, leases.server);
    expect(await first.plane.start()).toBe(true);
    await eventually(() => expect(first.seen).toEqual(['default/a']));
    expect(await second.plane.start()).toBe(true);
    widgets.put('b', 1, { ownerReferences: [{ apiVersion: 'example.dev/v1', kind: 'Widget', name: 'a', uid: 'x' }] });
    await eventually(() => expect(first.seen.toSorted()).toEqual(['default/a', 'default/a', 'default/b']));
    expect(second.seen).toEqual([]);
    expect(leases.holder()).toBe('one_x');
    await first.plane.stop();
    await eventually(() => expect(second.seen.toSorted()).toEqual(['default/a', 'default/b']));
    expect(leases.holder()).toBe('two_x');
    widgets.remove('b');
    await eventually(() => expect(second.seen).toHaveLength(4));
    expect(first.seen).toHaveLength(3);
    await second.plane.stop();
    expect(leases.holder()).toBeUndefined();
    await eventually(() => expect(widgets.openWatches).toBe(0));
  });

  it('stops cleanly before its caches are filled, and never runs for the lease then', async () => {
    const widgets = await new WidgetServer().start();
    servers.push(widgets.http);
    const leases = await leaseServer();
    widgets.failNext('list', () => {});
    const { plane } = await aReplica('one', widgets, leases.server);
    const started = plane.start();
    await eventually(() => expect(widgets.lists()).toHaveLength(1));
    await plane.stop();
    expect(await started).toBe(false);
    expect(leases.holder()).toBeUndefined();
  });

  it('reads its own writes: a reconcile after a write never sees the state before it', async () => {
    const widgets = await new WidgetServer().start();
    servers.push(widgets.http);
    const first = widgets.put('a', 1);
    const leases = await leaseServer();
    const { reflector } = await aReplica('one', widgets, leases.server);
    const told: string[] = [];
    reflector.subscribe({ onUpdate: (_before, { spec }) => void told.push(`size ${spec?.size}`) });
    reflector.start();
    await reflector.synced();
    await eventually(() => expect(widgets.openWatches).toBe(1));
    const written: Widget = { ...first, metadata: { ...first.metadata, resourceVersion: '102' }, spec: { size: 2 } };
    reflector.observe(written);
    expect(reflector.store.get('default/a')?.spec?.size).toBe(2);
    widgets.put('a', 2);
    widgets.put('a', 3);
    await eventually(() => expect(told).toEqual(['size 2', 'size 3']));
    widgets.remove('a');
    await eventually(() => expect(reflector.store.size).toBe(0));
    reflector.observe({ ...written, metadata: { ...written.metadata, resourceVersion: '999' } });
    expect(reflector.store.size).toBe(0);
    await reflector.stop();
  });
});

describe('FencedTransport', () => {
  it('lets reads pass and holds every kind of write back', async () => {
    const server = await startHttpServer((_request, response) => answerJson(response, 200, {}));
    servers.push(server);
    const transport = new FencedTransport(createTransport(server.config(), { pools: new PoolRegistry() }), () => false);
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE'] as const) {
      const request: KubeRequest = { method, path: '/x' };
      await expect(transport.request(request)).rejects.toMatchObject({ name: 'TransientError', reason: 'NotLeader' });
    }
    expect((await transport.request({ method: 'GET', path: '/x' })).status).toBe(200);
    expect(server.requests).toHaveLength(1);
  });
});
