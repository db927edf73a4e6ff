import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type JsonObject, objectAt } from '../json/json.ts';
import type { LocalServer } from '../start-local-server.ts';
import type { Answer, ApiClient } from '../testing/api-client.ts';
import { CONFIG_MAPS, configMap, JUGGLES, juggle } from '../testing/juggles.ts';
import { startMemoryServer } from '../testing/memory-server.ts';

const meta = (answer: Answer) => objectAt(answer.body, 'metadata') ?? {};

describe('objects over the API', () => {
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

  describe('create', () => {
    it('fills in identity, defaults and generation, and drops a status', async () => {
      const { status, body } = await client.post(JUGGLES, { ...juggle(name), status: { phase: 'Up' } });
      expect(status).toBe(201);
      expect(body).toEqual({
        apiVersion: 'circus.test/v1',
        kind: 'Juggle',
        metadata: {
          name,
          namespace: 'default',
          uid: expect.stringMatching(/^[0-9a-f-]{36}$/),
          resourceVersion: String(server.store.revision),
          managedFields: [expect.objectContaining({ manager: 'node', operation: 'Update' })],
          generation: 1,
          creationTimestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
        },
        spec: { balls: 3, style: 'cascade' },
      });
      expect((await read()).body).toEqual(body);
    });

    it('makes a name from a prefix', async () => {
      const answer = await client.post(JUGGLES, { ...juggle(''), metadata: { generateName: 'made-' } });
      expect(meta(answer)['name']).toMatch(/^made-[b-df-hj-np-tv-xz2-9]{5}$/);
    });

    it('refuses a name that is taken with 409 AlreadyExists', async () => {
      await create();
      const { status, body } = await create();
      expect([status, body['reason'], body['message']]).toEqual([
        409,
        'AlreadyExists',
        `juggles.circus.test "${name}" already exists`,
      ]);
    });

    it('answers 422 with a cause per field', async () => {
      const { status, body } = await create({ spec: { balls: 0, style: 'chaos' } });
      const causes = objectAt(body, 'details')?.['causes'] as JsonObject[];
      expect([status, body['reason']]).toEqual([422, 'Invalid']);
      expect(causes.map(({ field, reason }) => [field, reason])).toEqual(
        expect.arrayContaining([
          ['spec.balls', 'FieldValueInvalid'],
          ['spec.style', 'FieldValueNotSupported'],
        ]),
      );
    });

    it('runs the rules of the schema', async () => {
      const { status, body } = await create({ spec: { balls: 100 } });
      expect([status, body['message']]).toEqual([422, expect.stringContaining('that is too many')]);
    });

    it('prunes unknown fields with a warning, and refuses them when told to be strict', async () => {
      const { headers, body } = await create({ spec: { hats: 1 } });
      expect(headers.get('warning')).toBe('299 - "unknown field \\"spec.hats\\""');
      expect(objectAt(body, 'spec')).toEqual({ balls: 3, style: 'cascade' });
      const strict = await client.post(`${JUGGLES}?fieldValidation=Strict`, juggle(`${name}-s`, { spec: { hats: 1 } }));
      expect([strict.status, strict.body['message']]).toEqual([
        400,
        'Juggle in version "v1" cannot be handled as a Juggle: strict decoding error: unknown field "spec.hats"',
      ]);
    });

    it('writes nothing in a dry run', async () => {
      const { revision } = server.store;
      const answer = await client.post(`${JUGGLES}?dryRun=All`, juggle(name));
      expect([answer.status, meta(answer)['resourceVersion'], meta(answer)['uid'] !== undefined]).toEqual([
        201,
        undefined,
        true,
      ]);
      expect([server.store.revision, (await read()).status]).toEqual([revision, 404]);
    });

    it('answers 404 in a namespace that does not exist', async () => {
      const { status, body } = await client.post('/apis/circus.test/v1/namespaces/nowhere/juggles', juggle(name));
      expect([status, body['message']]).toEqual([404, 'namespaces "nowhere" not found']);
    });

    it('takes YAML, refuses other types with 415, and bodies above 3 MiB with 413', async () => {
      const yaml = `apiVersion: circus.test/v1\nkind: Juggle\nmetadata:\n  name: ${name}\nspec:\n  balls: 2\n`;
      expect((await client.post(JUGGLES, yaml, { 'Content-Type': 'application/yaml' })).status).toBe(201);
      expect((await client.post(JUGGLES, 'x', { 'Content-Type': 'text/plain' })).status).toBe(415);
      const { status, body } = await client.post(
        CONFIG_MAPS,
        configMap(name, {}, { big: 'x'.repeat(3 * 1024 * 1024) }),
      );
      expect([status, body['reason']]).toEqual([413, 'RequestEntityTooLarge']);
    });

    it.each([
      '{',
      '',
      '[]',
      '"x"',
      'null',
      '{"kind":"Juggle"}',
      '{"apiVersion":"circus.test/v1","kind":"Juggle","metadata":7}',
    ])('answers 400 to the body %j', async (body) => {
      expect((await client.post(JUGGLES, body)).status).toBe(400);
    });
  });

  describe('update', () => {
    it('bumps the generation with the spec only, and keeps the status out', async () => {
      const { body } = await create();
      const spec = { balls: 5, style: 'fountain' };
      const first = await client.put(`${JUGGLES}/${name}`, { ...body, spec, status: { phase: 'Up' } });
      expect([first.status, meta(first)['generation'], first.body['status']]).toEqual([200, 2, undefined]);
      const second = await client.put(`${JUGGLES}/${name}`, {
        ...first.body,
        metadata: { ...meta(first), labels: { a: 'b' } },
      });
      expect([meta(second)['generation'], meta(second)['labels']]).toEqual([2, { a: 'b' }]);
    });

    it('refuses a stale resourceVersion, one that is missing, and another uid', async () => {
      const { body } = await create();
      await client.patch(`${JUGGLES}/${name}`, { spec: { balls: 4 } });
      const stale = await client.put(`${JUGGLES}/${name}`, body);
      expect([stale.status, stale.body['reason'], stale.body['message']]).toEqual([
        409,
        'Conflict',
        `Operation cannot be fulfilled on juggles.circus.test "${name}": the object has been modified; please apply your changes to the latest version and try again`,
      ]);
      expect((await client.put(`${JUGGLES}/${name}`, juggle(name))).status).toBe(422);
      const other = { ...(await read()).body, metadata: { ...meta(await read()), uid: 'other' } };
      expect((await client.put(`${JUGGLES}/${name}`, other)).status).toBe(409);
    });

    it('that changes nothing writes nothing', async () => {
      const { body } = await create();
      const { revision } = server.store;
      const put = await client.put(`${JUGGLES}/${name}`, body);
      const patch = await client.patch(`${JUGGLES}/${name}`, { spec: { balls: 3 } });
      expect([put.status, patch.status, put.body, patch.body, server.store.revision]).toEqual([
        200,
        200,
        body,
        body,
        revision,
      ]);
    });

    it('of the status changes the status only', async () => {
      const { body } = await create();
      const changed = {
        ...body,
        metadata: { ...objectAt(body, 'metadata'), labels: { a: 'b' } },
        spec: { balls: 9 },
        status: { phase: 'Up' },
      };
      const answer = await client.put(`${JUGGLES}/${name}/status`, changed);
      expect([
        answer.status,
        answer.body['status'],
        answer.body['spec'],
        meta(answer)['labels'],
        meta(answer)['generation'],
      ]).toEqual([200, { phase: 'Up' }, { balls: 3, style: 'cascade' }, undefined, 1]);
    });

    it('creates a Lease that is not there, but no custom resource', async () => {
      const lease = {
        apiVersion: 'coordination.k8s.io/v1',
        kind: 'Lease',
        metadata: { name },
        spec: { holderIdentity: 'me' },
      };
      expect((await client.put(`/apis/coordination.k8s.io/v1/namespaces/default/leases/${name}`, lease)).status).toBe(
        201,
      );
      expect((await client.put(`${JUGGLES}/${name}`, juggle(name))).status).toBe(404);
    });

    it('of two that race with one resourceVersion lets exactly one win', async () => {
      const { body } = await create();
      const answers = await Promise.all(
        [1, 2, 3, 4].map((balls) => client.put(`${JUGGLES}/${name}`, { ...body, spec: { balls: balls + 10 } })),
      );
      expect(answers.map(({ status }) => status).sort()).toEqual([200, 409, 409, 409]);
    });
  });

  describe('patch', () => {
    it('refuses strategic merge for custom resources and takes it for built-in ones', async () => {
      await create();
      await client.post(CONFIG_MAPS, configMap(name, {}, { a: '1' }));
      const type = 'application/strategic-merge-patch+json';
      expect((await client.patch(`${JUGGLES}/${name}`, { spec: { balls: 4 } }, type)).status).toBe(415);
      expect((await client.patch(`${CONFIG_MAPS}/${name}`, { data: { b: '2' } }, type)).body['data']).toEqual({
        a: '1',
        b: '2',
      });
    });

    it('holds to a resourceVersion inside the patch, and to a test of it', async () => {
      const { body } = await create();
      const { resourceVersion } = objectAt(body, 'metadata') ?? {};
      const tested = (value: unknown) => [
        { op: 'test', path: '/metadata/resourceVersion', value },
        { op: 'replace', path: '/spec/balls', value: 7 },
      ];
      const type = 'application/json-patch+json';
      expect((await client.patch(`${JUGGLES}/${name}`, tested(resourceVersion), type)).status).toBe(200);
      expect((await client.patch(`${JUGGLES}/${name}`, tested(resourceVersion), type)).status).toBe(422);
      expect(
        (await client.patch(`${JUGGLES}/${name}`, { metadata: { resourceVersion }, spec: { balls: 8 } })).status,
      ).toBe(409);
    });

    it('cannot rename, nor change what is immutable', async () => {
      await create();
      expect((await client.patch(`${JUGGLES}/${name}`, { metadata: { name: 'other' } })).status).toBe(400);
      const answer = await client.patch(`${JUGGLES}/${name}`, {
        metadata: { creationTimestamp: '2000-01-01T00:00:00Z', generation: 99 },
      });
      expect(meta(answer)).toEqual(meta(await read()));
      expect(meta(answer)['generation']).toBe(1);
    });

    it('leaves no prototype behind', async () => {
      await create();
      await client.patch(`${JUGGLES}/${name}`, '{"spec":{"__proto__":{"balls":9}},"__proto__":{"x":1}}');
      expect(objectAt((await read()).body, 'spec')).toEqual({ balls: 3, style: 'cascade' });
    });
  });
});
