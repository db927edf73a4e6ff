import { afterEach, describe, expect, it } from 'vitest';
import { answerJson, createTestAuthority, startHttpServer, type TestServer } from '../../testing/index.ts';
import { KubeClient } from '../client/kube-client.ts';
import { createTransport } from './create-transport.ts';
import { PoolRegistry } from './pools.ts';

let server: TestServer | undefined;
afterEach(() => server?.close());

const TOKEN = 'eyJ-canary-token';

describe('HttpTransport', () => {
  it('never lets the token into an error, not even when the server says it back', async () => {
    server = await startHttpServer(({ headers }, response) =>
      answerJson(response, 401, { kind: 'Status', code: 401, message: `invalid: ${headers.authorization}` }),
    );
    const client = new KubeClient(
      createTransport(server.config({ identity: { token: TOKEN } }), { pools: new PoolRegistry() }),
    );
    const error: unknown = await client.raw({ method: 'GET', path: '/version' }).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 401, message: 'invalid: Bearer [redacted]' });
    expect(JSON.stringify(error)).not.toContain(TOKEN);
  });

  it('reads the credentials again after a 401', async () => {
    server = await startHttpServer((_request, response) => answerJson(response, 401, {}));
    let refreshed = 0;
    const credentials = { current: () => ({ token: TOKEN }), refresh: () => (refreshed += 1) };
    const transport = createTransport(server.config({ credentials }), { pools: new PoolRegistry() });
    await transport.request({ method: 'GET', path: '/version' });
    expect(refreshed).toBe(1);
  });

  it('tells an unreachable server from a certificate that is not trusted', async () => {
    const authority = createTestAuthority();
    server = await startHttpServer((_request, response) => answerJson(response, 200, {}), {
      tls: { server: authority.issue('api') },
    });
    const pools = new PoolRegistry();
    const request = { method: 'POST', path: '/x', body: '{}' } as const;
    const distrusting = createTransport(server.config({ identity: { ca: createTestAuthority().ca, token: TOKEN } }), {
      pools,
    });
    await expect(distrusting.request(request)).rejects.toMatchObject({ kind: 'tls' });
    const insecure = createTransport(server.config({ insecureSkipTlsVerify: true }), { pools });
    expect((await insecure.request(request)).status).toBe(200);
    const nobody = createTransport(server.config({ server: 'http://127.0.0.1:1' }), { pools });
    await expect(nobody.request(request)).rejects.toMatchObject({ kind: 'unreachable', code: 'ECONNREFUSED' });
  });

  it('keeps the path of a server behind a prefix, and leaves out empty query members', async () => {
    server = await startHttpServer((_request, response) => answerJson(response, 200, {}));
    const transport = createTransport(server.config({ server: `${server.url}/k8s/c-1` }), {
      pools: new PoolRegistry(),
    });
    await transport.request({ method: 'GET', path: '/api', query: { a: 'x y&z', b: undefined, c: '', limit: 5 } });
    expect(server.requests[0]?.url.pathname).toBe('/k8s/c-1/api');
    expect(server.requests[0]?.url.search).toBe('?a=x%20y%26z&limit=5');
  });

  it('a request that is cancelled before it begins is never sent', async () => {
    server = await startHttpServer((_request, response) => answerJson(response, 200, {}));
    const transport = createTransport(server.config(), { pools: new PoolRegistry() });
    const request = { method: 'GET', path: '/x', signal: AbortSignal.abort() } as const;
    await expect(transport.request(request)).rejects.toMatchObject({ kind: 'aborted' });
    expect(server.requests).toHaveLength(0);
  });

  it('shares one pool among the users of a server, and gives it up with the last', async () => {
    server = await startHttpServer((_request, response) => answerJson(response, 200, {}));
    const pools = new PoolRegistry();
    const users = ['alice', 'bob'].map((token) =>
      createTransport(server?.config({ identity: { token } }) as never, { pools }),
    );
    for (const user of users) await user.request({ method: 'GET', path: '/x' });
    expect(pools.size).toBe(1);
    expect(server.requests.map(({ headers }) => headers.authorization)).toEqual(['Bearer alice', 'Bearer bob']);
    for (const user of users) await user.close();
    expect(pools.size).toBe(0);
  });
});
