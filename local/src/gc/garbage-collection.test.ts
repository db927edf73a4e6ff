import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { JsonObject } from '../json/json.ts';
import { objectAt, stringAt } from '../json/json.ts';
import type { LocalServer } from '../start-local-server.ts';
import type { ApiClient } from '../testing/api-client.ts';
import { CONFIG_MAPS, configMap, JUGGLES, juggle } from '../testing/juggles.ts';
import { startMemoryServer } from '../testing/memory-server.ts';

describe('garbage collection', () => {
  let server: LocalServer;
  let client: ApiClient;
  let faults: unknown[];

  beforeEach(async () => {
    ({ server, client, faults } = await startMemoryServer());
  });

  afterEach(async () => {
    await server.close();
    expect(faults).toEqual([]);
  });

  const ownerOf = (body: JsonObject, more: JsonObject = {}) => ({
    apiVersion: stringAt(body, 'apiVersion') ?? '',
    kind: stringAt(body, 'kind') ?? '',
    name: stringAt(objectAt(body, 'metadata'), 'name') ?? '',
    uid: stringAt(objectAt(body, 'metadata'), 'uid') ?? '',
    ...more,
  });
  const createJuggle = async (name: string, metadata: JsonObject = {}) =>
    (await client.post(JUGGLES, juggle(name, { metadata }))).body;
  const createMap = async (name: string, owners: JsonObject[], metadata: JsonObject = {}) =>
    (await client.post(CONFIG_MAPS, configMap(name, { ownerReferences: owners, ...metadata }))).body;
  const watchMaps = async () => client.watch(`${CONFIG_MAPS}?watch=1&resourceVersion=${server.store.revision}`);

  it('deletes what a deleted object owned, level by level', async () => {
    const top = await createJuggle('top');
    const middle = await createMap('middle', [ownerOf(top)]);
    await createMap('leaf', [ownerOf(middle)]);
    const watch = await watchMaps();
    expect((await client.delete(`${JUGGLES}/top`)).body['status']).toBe('Success');
    expect(await watch.take(2)).toEqual(['DELETED middle', 'DELETED leaf']);
    watch.close();
  });

  it('keeps an object while one of its owners lives, and takes the dead one out of its list', async () => {
    const one = await createJuggle('one');
    const two = await createJuggle('two');
    await createMap('child', [ownerOf(one), ownerOf(two)]);
    const watch = await watchMaps();
    await client.delete(`${JUGGLES}/one`);
    const { object } = await watch.until('MODIFIED', 'child');
    expect(object.metadata['ownerReferences']).toEqual([ownerOf(two)]);
    watch.close();
  });

  it('deletes an object that is created with an owner that does not exist', async () => {
    const watch = await watchMaps();
    await createMap('waif', [{ apiVersion: 'circus.test/v1', kind: 'Juggle', name: 'never', uid: 'no-such-uid' }]);
    expect(await watch.take(2)).toEqual(['ADDED waif', 'DELETED waif']);
    watch.close();
  });

  it('leaves an object alone whose owner is of a kind that nobody serves', async () => {
    await createMap('child', [{ apiVersion: 'apps/v1', kind: 'Deployment', name: 'x', uid: 'u' }]);
    const watch = await watchMaps();
    await createMap('waif', [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'never', uid: 'no-such-uid' }]);
    await watch.until('DELETED', 'waif');
    expect((await client.get(`${CONFIG_MAPS}/child`)).status).toBe(200);
    watch.close();
  });

  it('foreground: the owner stays until those that block it are gone', async () => {
    const owner = await createJuggle('owner');
    await createMap('blocking', [ownerOf(owner, { blockOwnerDeletion: true })], { finalizers: ['circus.test/hold'] });
    const watch = await client.watch(`${JUGGLES}?watch=1&resourceVersion=${server.store.revision}`);
    const { body } = await client.delete(`${JUGGLES}/owner`, { propagationPolicy: 'Foreground' });
    expect(objectAt(body, 'metadata')?.['finalizers']).toEqual(['foregroundDeletion']);
    const maps = await client.watch(`${CONFIG_MAPS}?watch=1`);
    let held = await maps.until('ADDED', 'blocking');
    if (!held.object.metadata['deletionTimestamp']) held = await maps.until('MODIFIED', 'blocking');
    expect(held.object.metadata['deletionTimestamp']).toBeDefined();
    expect((await client.get(`${JUGGLES}/owner`)).status).toBe(200);
    await client.patch(`${CONFIG_MAPS}/blocking`, { metadata: { finalizers: null } });
    await watch.until('DELETED', 'owner');
    expect((await client.get(`${CONFIG_MAPS}/blocking`)).status).toBe(404);
    maps.close();
    watch.close();
  });

  it('foreground: two that block each other do not wait for ever', async () => {
    const one = await createJuggle('one');
    const two = await createMap('two', [ownerOf(one, { blockOwnerDeletion: true })]);
    await client.patch(`${JUGGLES}/one`, {
      metadata: { ownerReferences: [ownerOf(two, { blockOwnerDeletion: true })] },
    });
    const watch = await client.watch(`${JUGGLES}?watch=1&resourceVersion=${server.store.revision}`);
    await client.delete(`${JUGGLES}/one`, { propagationPolicy: 'Foreground' });
    await watch.until('DELETED', 'one');
    expect((await client.get(`${CONFIG_MAPS}/two`)).status).toBe(404);
    watch.close();
  });

  it('orphan: what was owned stays, without its owner', async () => {
    const owner = await createJuggle('owner');
    await createMap('child', [ownerOf(owner)]);
    const watch = await client.watch(`${JUGGLES}?watch=1&resourceVersion=${server.store.revision}`);
    await client.delete(`${JUGGLES}/owner`, { propagationPolicy: 'Orphan' });
    await watch.until('DELETED', 'owner');
    const { body } = await client.get(`${CONFIG_MAPS}/child`);
    expect(objectAt(body, 'metadata')?.['ownerReferences']).toBeUndefined();
    watch.close();
  });

  it('counts an owner in another namespace as absent', async () => {
    await client.post('/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'other' } });
    const owner = (await client.post('/api/v1/namespaces/other/configmaps', configMap('owner'))).body;
    const watch = await watchMaps();
    await createMap('child', [ownerOf(owner)]);
    await watch.until('DELETED', 'child');
    expect((await client.get('/api/v1/namespaces/other/configmaps/owner')).status).toBe(200);
    watch.close();
  });

  it('of a thousand dependents none is left, and requests are answered meanwhile', async () => {
    const owner = await createJuggle('owner');
    for (let i = 0; i < 20; i += 1)
      await Promise.all(Array.from({ length: 50 }, (_, j) => createMap(`m${i}-${j}`, [ownerOf(owner)])));
    const watch = await watchMaps();
    await client.delete(`${JUGGLES}/owner`);
    expect((await client.get('/readyz')).status).toBe(200);
    expect(new Set(await watch.take(1000)).size).toBe(1000);
    expect((await client.get(CONFIG_MAPS)).body['items']).toEqual([]);
    watch.close();
  });
});
