import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { objectAt } from '../json/json.ts';
import type { LocalServer } from '../start-local-server.ts';
import type { Answer, ApiClient } from '../testing/api-client.ts';
import { CONFIG_MAPS, configMap, JUGGLES, juggle } from '../testing/juggles.ts';
import { startMemoryServer } from '../testing/memory-server.ts';

const meta = (answer: Answer) => objectAt(answer.body, 'metadata') ?? {};

describe('deletion, and the built-in kinds', () => {
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

  const create = (more: Parameters<typeof juggle>[1] = {}) => client.post(JUGGLES, juggle(name, more));
  const read = () => client.get(`${JUGGLES}/${name}`);

  describe('delete', () => {
    it('answers a Status of success with the uid', async () => {
      const created = await create();
      const { status, body } = await client.delete(`${JUGGLES}/${name}`);
      expect([status, body['status'], objectAt(body, 'details')]).toEqual([
        200,
        'Success',
        { name, group: 'circus.test', kind: 'juggles', uid: meta(created)['uid'] },
      ]);
      expect((await read()).status).toBe(404);
    });

    it('keeps to its preconditions', async () => {
      const created = await create();
      expect((await client.delete(`${JUGGLES}/${name}`, { preconditions: { uid: 'other' } })).status).toBe(409);
      expect((await client.delete(`${JUGGLES}/${name}`, { preconditions: { resourceVersion: '1' } })).status).toBe(409);
      const { uid, resourceVersion } = meta(created);
      expect((await client.delete(`${JUGGLES}/${name}`, { preconditions: { uid, resourceVersion } })).status).toBe(200);
    });

    it('waits for finalizers, takes no new ones meanwhile, and ends with the last', async () => {
      await create({ metadata: { finalizers: ['circus.test/one', 'circus.test/two'] } });
      const marked = await client.delete(`${JUGGLES}/${name}`);
      expect([
        meta(marked)['deletionTimestamp'] !== undefined,
        meta(marked)['deletionGracePeriodSeconds'],
        meta(marked)['generation'],
      ]).toEqual([true, 0, 2]);
      const { revision } = server.store;
      expect((await client.delete(`${JUGGLES}/${name}`)).status).toBe(200);
      expect(server.store.revision).toBe(revision);
      const more = await client.patch(`${JUGGLES}/${name}`, {
        metadata: { finalizers: ['circus.test/one', 'circus.test/three'] },
      });
      expect(more.status).toBe(422);
      expect((await client.patch(`${JUGGLES}/${name}`, { metadata: { finalizers: ['circus.test/two'] } })).status).toBe(
        200,
      );
      expect((await client.patch(`${JUGGLES}/${name}`, { metadata: { finalizers: [] } })).status).toBe(200);
      expect((await read()).status).toBe(404);
    });

    it('of a collection deletes what is selected', async () => {
      for (const [suffix, group] of [
        ['a', name],
        ['b', name],
        ['c', 'other'],
      ]) {
        await client.post(JUGGLES, juggle(`${name}-${suffix}`, { metadata: { labels: { group: group as string } } }));
      }
      const { body } = await client.delete(`${JUGGLES}?labelSelector=group%3D${name}`);
      expect((body['items'] as unknown[]).length).toBe(2);
      expect((await client.get(`${JUGGLES}/${name}-c`)).status).toBe(200);
    });
  });

  describe('built-in kinds', () => {
    it('fold stringData into data, and hold an immutable Secret to its data', async () => {
      const secrets = '/api/v1/namespaces/default/secrets';
      const { body } = await client.post(secrets, {
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: { name },
        stringData: { a: 'b' },
        immutable: true,
      });
      expect([body['data'], body['stringData'], body['type']]).toEqual([{ a: 'Yg==' }, undefined, 'Opaque']);
      expect((await client.patch(`${secrets}/${name}`, { stringData: { a: 'c' } })).status).toBe(422);
      expect((await client.patch(`${secrets}/${name}`, { metadata: { labels: { x: 'y' } } })).status).toBe(200);
    });

    it('refuse data of the wrong type with the words of the decoder', async () => {
      const { status, body } = await client.post(CONFIG_MAPS, configMap(name, {}, { a: 1 }));
      expect([status, body['message']]).toEqual([
        400,
        'ConfigMap in version "v1" cannot be handled as a ConfigMap: json: cannot unmarshal number into Go struct field ConfigMap.data of type string',
      ]);
    });

    it('keep the microseconds of a Lease', async () => {
      const leases = '/apis/coordination.k8s.io/v1/namespaces/default/leases';
      const spec = { renewTime: '2026-11-24T06:00:00.123456Z', leaseTransitions: 0 };
      const { body } = await client.post(leases, {
        apiVersion: 'coordination.k8s.io/v1',
        kind: 'Lease',
        metadata: { name },
        spec,
      });
      expect(body['spec']).toEqual(spec);
    });
  });
});
