import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { cloneJson, isJsonObject, type JsonObject, listAt, objectAt } from '../../json/json.ts';
import type { LocalServer } from '../../start-local-server.ts';
import type { ApiClient } from '../../testing/api-client.ts';
import { JUGGLES, JUGGLES_CRD, juggle } from '../../testing/juggles.ts';
import { startMemoryServer } from '../../testing/memory-server.ts';

const CRDS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
const CRD = `${CRDS}/juggles.circus.test`;

describe('a CustomResourceDefinition', () => {
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

  const conditions = (crd: JsonObject) =>
    Object.fromEntries(
      listAt(objectAt(crd, 'status'), 'conditions')
        .filter(isJsonObject)
        .map(({ type, status }) => [type, status]),
    );
  const change = async (edit: (version: JsonObject) => void) => {
    const { body } = await client.get(CRD);
    const crd = cloneJson(body);
    edit(listAt(objectAt(crd, 'spec'), 'versions')[0] as JsonObject);
    return client.put(CRD, crd);
  };
  const specSchema = (version: JsonObject) =>
    objectAt(objectAt(objectAt(objectAt(version, 'schema'), 'openAPIV3Schema'), 'properties'), 'spec') ?? {};

  it('is served at once, and says that it is established', async () => {
    expect((await client.post(JUGGLES, juggle('a'))).status).toBe(201);
    const watch = await client.watch(`${CRDS}?watch=1&resourceVersion=1`);
    const { object } = await watch.until('MODIFIED', 'juggles.circus.test');
    expect(conditions(object)).toEqual({ NamesAccepted: 'True', Established: 'True' });
    expect(objectAt(object, 'status')).toMatchObject({
      storedVersions: ['v1'],
      acceptedNames: { plural: 'juggles', kind: 'Juggle' },
    });
    watch.close();
  });

  it('that is no good is refused, and one that is there is not harmed by a bad update', async () => {
    const bad = cloneJson(JUGGLES_CRD);
    (bad['metadata'] as JsonObject)['name'] = 'other.circus.test';
    expect((await client.post(CRDS, bad)).status).toBe(422);
    const refused = await change((version) => {
      specSchema(version)['x-kubernetes-validations'] = [{ rule: 'self.nothing.like.this(' }];
    });
    expect(refused.status).toBe(422);
    expect((await client.post(JUGGLES, juggle('a'))).status).toBe(201);
  });

  it('with a new default shows it in objects from before, without writing them', async () => {
    await client.post(JUGGLES, juggle('a'));
    const { revision } = server.store;
    await change((version) => {
      (specSchema(version)['properties'] as JsonObject)['tempo'] = { type: 'string', default: 'slow' };
    });
    const { body } = await client.get(`${JUGGLES}/a`);
    expect(objectAt(body, 'spec')).toEqual({ balls: 3, style: 'cascade', tempo: 'slow' });
    const [listed] = (await client.get(JUGGLES)).body['items'] as JsonObject[];
    expect(listed).toEqual(body);
    expect(Number(objectAt(body, 'metadata')?.['resourceVersion'])).toBeLessThanOrEqual(revision);
  });

  it('with new selectable fields selects objects from before by them', async () => {
    await client.post(JUGGLES, juggle('a', { spec: { balls: 5 } }));
    await client.post(JUGGLES, juggle('b'));
    await change((version) => {
      version['selectableFields'] = [{ jsonPath: '.status.phase' }, { jsonPath: '.spec.balls' }];
    });
    const items = (await client.get(`${JUGGLES}?fieldSelector=spec.balls%3D5`)).body['items'] as JsonObject[];
    expect(items.map((item) => objectAt(item, 'metadata')?.['name'])).toEqual(['a']);
  });

  it('with two versions serves the same objects in both', async () => {
    await client.post(JUGGLES, juggle('a'));
    const { body } = await client.get(CRD);
    const crd = cloneJson(body);
    const versions = listAt(objectAt(crd, 'spec'), 'versions') as JsonObject[];
    versions.push({ ...(versions[0] as JsonObject), name: 'v2', storage: false });
    expect((await client.put(CRD, crd)).status).toBe(200);
    const second = JUGGLES.replace('/v1/', '/v2/');
    expect((await client.get(`${second}/a`)).body['apiVersion']).toBe('circus.test/v2');
    const made = await client.post(second, { ...juggle('b'), apiVersion: 'circus.test/v2' });
    expect([made.status, made.body['apiVersion']]).toEqual([201, 'circus.test/v2']);
    const list = (await client.get(JUGGLES)).body['items'] as JsonObject[];
    expect(list.map(({ apiVersion }) => apiVersion)).toEqual(['circus.test/v1', 'circus.test/v1']);
    const watch = await client.watch(`${second}?watch=1`);
    expect((await watch.next())?.object['apiVersion']).toBe('circus.test/v2');
    watch.close();
  });

  it('that is deleted takes its objects along, waits for their finalizers, and is served no more', async () => {
    await client.post(JUGGLES, juggle('a'));
    await client.post(JUGGLES, juggle('held', { metadata: { finalizers: ['circus.test/hold'] } }));
    const watch = await client.watch(`${CRDS}?watch=1&resourceVersion=${server.store.revision}`);
    const objects = await client.watch(`${JUGGLES}?watch=1&resourceVersion=${server.store.revision}`);
    const { body } = await client.delete(CRD);
    expect(conditions(body)['Terminating']).toBe('True');
    await objects.until('DELETED', 'a');
    expect((await client.get(`${JUGGLES}/held`)).status).toBe(200);
    await client.patch(`${JUGGLES}/held`, { metadata: { finalizers: null } });
    await watch.until('DELETED', 'juggles.circus.test');
    expect((await client.get(JUGGLES)).status).toBe(404);
    objects.close();
    watch.close();
  });
});
