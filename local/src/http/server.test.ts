import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JsonObject } from '../json/json.ts';
import { objectAt, stringAt } from '../json/json.ts';
import type { LocalServer } from '../start-local-server.ts';
import { ApiClient } from '../testing/api-client.ts';
import { CONFIG_MAPS, JUGGLES, juggle } from '../testing/juggles.ts';
import { startMemoryServer, TOKEN } from '../testing/memory-server.ts';

describe('the server', () => {
  let server: LocalServer;
  let client: ApiClient;
  let faults: unknown[];

  beforeAll(async () => {
    ({ server, client, faults } = await startMemoryServer({ username: 'ringmaster' }));
  });
  afterAll(() => server.close());

  it('answers 401 without the token, with a wrong one, with half of it', async () => {
    for (const token of ['', 'wrong', TOKEN.slice(0, -1), `${TOKEN}x`]) {
      const { status, body } = await new ApiClient(server.url, token).get(JUGGLES);
      expect([status, body]).toEqual([
        401,
        {
          kind: 'Status',
          apiVersion: 'v1',
          metadata: {},
          status: 'Failure',
          message: 'Unauthorized',
          reason: 'Unauthorized',
          code: 401,
        },
      ]);
    }
    const response = await fetch(server.url + JUGGLES, { headers: { Authorization: TOKEN } });
    expect(response.status).toBe(401);
  });

  it('refuses to act as somebody else: it would not know what they may do', async () => {
    for (const headers of [{ 'Impersonate-User': 'somebody' }, { 'Impersonate-Group': 'viewers' }]) {
      const { status, body } = await client.get(JUGGLES, headers);
      expect([status, body['reason']]).toEqual([403, 'Forbidden']);
    }
    const { body } = await client.get(JUGGLES, { 'Impersonate-User': 'somebody' });
    expect(body['message']).toBe(
      'users "somebody" is forbidden: User "ringmaster" cannot impersonate resource "users" in API group "" at the cluster scope: the local engine has one user',
    );
  });

  it.each(['/healthz', '/readyz', '/livez'])('answers %s to anybody', async (path) => {
    const response = await fetch(server.url + path);
    expect([response.status, await response.text()]).toEqual([200, 'ok']);
  });

  it('says at /version that it is not the real one', async () => {
    const version = (await (await fetch(`${server.url}/version`)).json()) as JsonObject;
    expect(version).toMatchObject({ major: '1', minor: '34', gitVersion: 'v1.34.0-carnival-local' });
  });

  it.each(['/apis/apps/v1/namespaces/default/deployments', '/api/v1/pods', '/metrics/cadvisor', '/'])(
    'names the local engine in the 404 of %s',
    async (path) => {
      const { status, body } = await client.get(path);
      expect([status, body['reason'], body['message']]).toEqual([
        404,
        'NotFound',
        expect.stringContaining(`the local engine does not serve ${path}`),
      ]);
    },
  );

  it.each([
    ['PUT', JUGGLES],
    ['POST', `${JUGGLES}/a`],
    ['POST', '/apis/circus.test/v1/juggles'],
    ['DELETE', '/version'],
    ['GET', '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews'],
  ])('answers 405 to %s %s', async (method, path) => {
    const { status, body } = await client.send(method, path);
    expect([status, body['reason']]).toEqual([405, 'MethodNotAllowed']);
  });

  it('is not brought down by bodies that are deep, hostile or cut off', async () => {
    const deep = `{"apiVersion":"circus.test/v1","kind":"Juggle","metadata":{"name":"deep"},"spec":{"balls":1,"x":${'['.repeat(100_000)}${']'.repeat(100_000)}}}`;
    const { status } = await client.post(JUGGLES, deep);
    expect(status).toBe(400);
    const abort = new AbortController();
    const body = new ReadableStream({
      start(controller) {
        controller.enqueue(new TextEncoder().encode('{"apiVersion":'));
        setImmediate(() => abort.abort());
      },
    });
    const init = {
      method: 'POST',
      body,
      duplex: 'half',
      signal: abort.signal,
      headers: { Authorization: `Bearer ${TOKEN}` },
    };
    await expect(fetch(server.url + JUGGLES, init as RequestInit)).rejects.toThrow();
    expect((await client.get(JUGGLES)).status).toBe(200);
  });

  it('treats encoded slashes and control characters in paths as what they are: no name', async () => {
    for (const name of ['a%2Fb', '%00', 'a%0d%0ax']) {
      const { status } = await client.get(`${CONFIG_MAPS}/${name}`);
      expect([name, status]).toEqual([name, 404]);
    }
    expect((await client.get(`${CONFIG_MAPS}/%zz`)).status).toBe(404);
  });

  it('puts no raw text of a client into its headers', async () => {
    const { headers } = await client.post(JUGGLES, juggle('header', { spec: { 'x"\r\nSet-Cookie: é': 1 } }));
    expect(headers.get('set-cookie')).toBeNull();
    expect(headers.get('warning')).toMatch(/^299 - "unknown field [\x20-\x7e]*"$/);
  });

  it('tells the caller who it is, and that it may do everything', async () => {
    const review = (group: string, kind: string, spec: JsonObject = {}) =>
      client.post(`/apis/${group}/v1/${kind.toLowerCase()}s`, { apiVersion: `${group}/v1`, kind, spec });
    const self = await review('authentication.k8s.io', 'SelfSubjectReview');
    expect([self.status, objectAt(objectAt(self.body, 'status'), 'userInfo')]).toEqual([
      201,
      { username: 'ringmaster', groups: ['system:masters', 'system:authenticated'] },
    ]);
    const access = await review('authorization.k8s.io', 'SelfSubjectAccessReview', {
      resourceAttributes: { verb: 'delete', resource: 'juggles' },
    });
    expect([access.status, objectAt(access.body, 'status')?.['allowed']]).toEqual([201, true]);
  });

  it('describes what it serves: groups, resources, in one document too, and in OpenAPI', async () => {
    const groups = (await client.get('/apis')).body['groups'] as { name: string }[];
    expect(groups.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['circus.test', 'apiextensions.k8s.io', 'coordination.k8s.io']),
    );
    const resources = (await client.get('/apis/circus.test/v1')).body['resources'] as JsonObject[];
    expect(resources.map(({ name, shortNames }) => [name, shortNames])).toEqual([
      ['juggles', ['jg']],
      ['juggles/status', undefined],
    ]);
    const accept = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';
    const aggregated = await client.get('/apis', { Accept: accept });
    expect([aggregated.body['kind'], aggregated.headers.get('content-type')]).toEqual([
      'APIGroupDiscoveryList',
      accept,
    ]);
    const paths = objectAt((await client.get('/openapi/v3')).body, 'paths');
    const url = stringAt(objectAt(paths, 'apis/circus.test/v1'), 'serverRelativeURL') ?? '';
    expect(JSON.stringify((await client.get(url)).body)).toContain('test.circus.v1.Juggle');
  });

  it('has met no fault of its own in all this', () => {
    expect(faults).toEqual([]);
  });
});
