import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type JsonObject, objectAt } from '../json/json.ts';
import type { ManagedFieldsEntry } from '../json/kube-object.ts';
import type { LocalServer } from '../start-local-server.ts';
import type { Answer, ApiClient } from '../testing/api-client.ts';
import { CONFIG_MAPS, configMap, JUGGLES, JUGGLES_CRD, juggle } from '../testing/juggles.ts';
import { startMemoryServer } from '../testing/memory-server.ts';

const APPLY = 'application/apply-patch+yaml';
const CRD = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions/juggles.circus.test';

const ownersOf = (answer: Answer) =>
  (objectAt(answer.body, 'metadata')?.['managedFields'] ?? []) as ManagedFieldsEntry[];
const fieldsOf = (answer: Answer, manager: string) =>
  ownersOf(answer).find((entry) => entry.manager === manager)?.fieldsV1;

describe('server-side apply over the API', () => {
  let server: LocalServer;
  let client: ApiClient;
  let faults: unknown[];
  let unique = 0;
  let name = '';

  beforeAll(async () => {
    ({ server, client, faults } = await startMemoryServer());
  });
  beforeEach(() => {
    unique += 1;
    name = `act-${unique}`;
  });
  afterAll(async () => {
    await server.close();
    expect(faults).toEqual([]);
  });

  const apply = (manager: string, body: unknown, more = '') =>
    client.patch(`${JUGGLES}/${name}?fieldManager=${manager}${more}`, body, APPLY);

  it('creates what is absent, and then changes nothing when told the same', async () => {
    const first = await apply('one', juggle(name, { metadata: { labels: { a: 'b' } } }));
    expect([first.status, fieldsOf(first, 'one')]).toEqual([
      201,
      { 'f:metadata': { 'f:labels': { 'f:a': {} } }, 'f:spec': { 'f:balls': {} } },
    ]);
    const { revision } = server.store;
    const again = await apply('one', juggle(name, { metadata: { labels: { a: 'b' } } }));
    expect([again.status, again.body, server.store.revision]).toEqual([200, first.body, revision]);
  });

  it('refuses to change a field of another manager, but by force', async () => {
    await apply('one', juggle(name));
    const refused = await apply('two', juggle(name, { spec: { balls: 4 } }));
    expect([refused.status, refused.body['reason'], refused.body['message'], refused.body['details']]).toEqual([
      409,
      'Conflict',
      'Apply failed with 1 conflict: conflict with "one": .spec.balls',
      { causes: [{ reason: 'FieldManagerConflict', message: 'conflict with "one"', field: '.spec.balls' }] },
    ]);
    const forced = await apply('two', juggle(name, { spec: { balls: 4 } }), '&force=true');
    expect([objectAt(forced.body, 'spec')?.['balls'], fieldsOf(forced, 'one')]).toEqual([4, undefined]);
  });

  it('takes away what its manager says no longer, unless another one says it', async () => {
    await apply('one', juggle(name, { metadata: { labels: { a: 'b', c: 'd' } } }));
    await apply('two', juggle(name, { metadata: { labels: { c: 'd' } } }));
    const { body } = await apply('one', juggle(name));
    expect(objectAt(body, 'metadata')?.['labels']).toEqual({ c: 'd' });
  });

  it('does not take away what an update wrote, and conflicts with it', async () => {
    await apply('one', juggle(name));
    await client.patch(`${JUGGLES}/${name}?fieldManager=hand`, { spec: { style: 'fountain', balls: 7 } });
    const refused = await apply('one', juggle(name));
    expect(refused.body['message']).toBe(
      'Apply failed with 1 conflict: conflict with "hand" using circus.test/v1: .spec.balls',
    );
    const { body } = await apply('one', juggle(name), '&force=true');
    expect(objectAt(body, 'spec')).toEqual({ balls: 3, style: 'fountain' });
  });

  it('keeps the owners of the status apart from those of the object', async () => {
    await apply('one', juggle(name));
    const status = { apiVersion: 'circus.test/v1', kind: 'Juggle', metadata: { name }, status: { phase: 'Up' } };
    const answer = await client.patch(`${JUGGLES}/${name}/status?fieldManager=one`, status, APPLY);
    expect(ownersOf(answer).map(({ subresource, fieldsV1 }) => [subresource, fieldsV1])).toEqual([
      [undefined, { 'f:spec': { 'f:balls': {} } }],
      ['status', { 'f:status': { 'f:phase': {} } }],
    ]);
  });

  it('writes nothing in a dry run, and tells of fields that are not there', async () => {
    expect((await apply('one', juggle(name), '&dryRun=All')).status).toBe(201);
    expect((await client.get(`${JUGGLES}/${name}`)).status).toBe(404);
    const { status, body } = await apply('one', juggle(name, { spec: { hats: 1 } }));
    expect([status, body['message']]).toEqual([
      500,
      `failed to create typed patch object (/${name}; circus.test/v1, Kind=Juggle): .spec.hats: field not declared in schema`,
    ]);
  });

  it('needs a manager', async () => {
    const { status, body } = await client.patch(`${JUGGLES}/${name}`, juggle(name), APPLY);
    expect([status, body['message']]).toEqual([
      422,
      'PatchOptions.meta.k8s.io "" is invalid: fieldManager: Required value: is required for apply patch',
    ]);
  });

  it('owns as a whole what a newer schema makes atomic', async () => {
    const before = await client.get(CRD);
    const settings = (atomic: boolean): JsonObject => {
      const crd = structuredClone(JUGGLES_CRD) as { spec: { versions: [{ schema: JsonObject }] } };
      const schema = crd.spec.versions[0].schema['openAPIV3Schema'] as { properties: { spec: JsonObject } };
      Object.assign(schema.properties.spec['properties'] as JsonObject, {
        props: {
          type: 'object',
          additionalProperties: { type: 'string' },
          ...(atomic && { 'x-kubernetes-map-type': 'atomic' }),
        },
      });
      return { spec: crd.spec };
    };
    expect((await client.patch(CRD, settings(false))).status).toBe(200);
    await apply('one', juggle(name, { spec: { props: { a: '1', b: '2' } } }));
    await client.patch(CRD, settings(true));
    const { body } = await apply('two', juggle(name, { spec: { props: { a: '1' } } }));
    expect(body['message']).toBe('Apply failed with 1 conflict: conflict with "one": .spec.props');
    await client.patch(CRD, { spec: before.body['spec'] });
  });

  it('is refused for what is not of the kind, and for a record of owners', async () => {
    expect((await apply('one', configMap(name))).body['message']).toBe('invalid object type: /v1, Kind=ConfigMap');
    const withRecord = juggle(name, { metadata: { managedFields: [{ manager: 'x' }] } });
    expect((await apply('one', withRecord)).body['message']).toBe('metadata.managedFields must be nil');
  });
});

describe('the record of field owners', () => {
  let server: LocalServer;
  let client: ApiClient;

  beforeAll(async () => {
    ({ server, client } = await startMemoryServer());
  });
  afterAll(() => server.close());

  it('moves with each change to who made it, and names a client that gives no manager', async () => {
    const path = `${CONFIG_MAPS}/a`;
    const headers = { 'User-Agent': 'juggler/1.0 (circus)' };
    const created = await client.post(CONFIG_MAPS, configMap('a', {}, { x: '1', y: '2' }), headers);
    expect(fieldsOf(created, 'juggler')).toEqual({ 'f:data': { '.': {}, 'f:x': {}, 'f:y': {} } });
    const patched = await client.patch(`${path}?fieldManager=two`, { data: { x: '3', y: null } });
    expect([fieldsOf(patched, 'juggler'), fieldsOf(patched, 'two')]).toEqual([
      { 'f:data': {} },
      { 'f:data': { 'f:x': {} } },
    ]);
  });

  it('stays within ten updaters', async () => {
    const path = `${CONFIG_MAPS}/many`;
    await client.post(`${CONFIG_MAPS}?fieldManager=m`, configMap('many', {}, { k: 'v' }));
    for (let i = 0; i < 14; i += 1) await client.patch(`${path}?fieldManager=m${i}`, { data: { [`k${i}`]: 'v' } });
    const owners = ownersOf(await client.get(path));
    expect([owners.length, owners.some(({ manager }) => manager === 'ancient-changes')]).toEqual([10, true]);
  });

  it('is thrown away by an empty entry, and only an apply begins it again', async () => {
    const path = `${CONFIG_MAPS}/reset`;
    await client.post(CONFIG_MAPS, configMap('reset', {}, { k: 'v' }));
    const reset = await client.patch(path, { metadata: { managedFields: [{}] } });
    const updated = await client.patch(path, { data: { k: 'w' } });
    expect([ownersOf(reset), ownersOf(updated)]).toEqual([[], []]);
    const applied = await client.patch(`${path}?fieldManager=one`, configMap('reset', {}, { l: 'x' }), APPLY);
    expect(ownersOf(applied).map(({ manager, operation }) => [manager, operation])).toEqual([
      ['one', 'Apply'],
      ['before-first-apply', 'Update'],
    ]);
  });
});
