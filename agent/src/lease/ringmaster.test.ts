import { createServer, type IncomingMessage, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { heartbeatSchema } from '@dark-carnival/crds';
import { describe, expect, it, onTestFinished } from 'vitest';
import { HttpRingmaster } from './ringmaster.ts';

const HEARTBEAT = heartbeatSchema.parse({
  nodeID: 'LXC-CORE',
  role: 'CORE',
  address: 'http://127.0.0.1:8080',
  instanceID: 'i-1',
  version: '0.1.0',
  jobs: { running: 0, capacity: 2 },
  vault: { files: 0, bytes: 0 },
  providers: [],
});
const never = new AbortController().signal;

async function aHub(listener: RequestListener): Promise<HttpRingmaster> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return new HttpRingmaster(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, 'the-token', 'fleet');
}

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  let text = '';
  for await (const chunk of request) text += chunk;
  return JSON.parse(text);
}

describe('the ringmaster over HTTP', () => {
  it('gets the heartbeat with the token, and answers with a lease', async () => {
    const seen: { url?: string; authorization?: string; body?: unknown } = {};
    const hub = await aHub(async (request, response) => {
      Object.assign(seen, { url: request.url, authorization: request.headers.authorization });
      seen.body = await bodyOf(request);
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ wagon: 'lxc-core', namespace: 'default', leaseSeconds: 25, leaderEpoch: 4 }));
    });
    const outcome = await hub.register(HEARTBEAT, never);
    expect(outcome).toMatchObject({ outcome: 'renewed', answer: { leaseSeconds: 25, leaderEpoch: 4 } });
    expect(seen).toEqual({
      url: '/api/nodes/register?namespace=fleet',
      authorization: 'Bearer the-token',
      body: HEARTBEAT,
    });
  });

  it.each([
    {
      name: 'a wrong token',
      status: 401,
      body: '{"error":{"code":"Unauthorized","message":"wrong token"}}',
      says: 'wrong token',
    },
    {
      name: 'a second wagon of the name',
      status: 409,
      body: '{"error":{"code":"DuplicateIdentity","message":"taken"}}',
      says: 'taken',
    },
  ])('refuses $name, and says why', async ({ status, body, says }) => {
    const hub = await aHub((_request, response) => response.writeHead(status).end(body));
    expect(await hub.register(HEARTBEAT, never)).toEqual({ outcome: 'refused', status, message: says });
  });

  it.each([
    { name: 'an HTML page', status: 200, body: '<html>hello</html>' },
    { name: 'a lease of the wrong shape', status: 200, body: '{"leaseSeconds":"25"}' },
    { name: 'a broken hub', status: 500, body: 'oops' },
    { name: 'an endless answer', status: 200, body: 'x'.repeat(200_000) },
  ])('takes $name for no ringmaster', async ({ status, body }) => {
    const hub = await aHub((_request, response) => response.writeHead(status).end(body));
    expect((await hub.register(HEARTBEAT, never)).outcome).toBe('unreachable');
  });

  it('is asked again when it says', async () => {
    const hub = await aHub((_request, response) => response.writeHead(503, { 'retry-after': '3' }).end());
    expect(await hub.register(HEARTBEAT, never)).toMatchObject({ outcome: 'unreachable', retryAfterMs: 3000 });
  });

  it('never sends the token on to where it is redirected', async () => {
    let second = 0;
    const other = await aHub((_request, response) => {
      second += 1;
      response.end();
    });
    expect((await other.register(HEARTBEAT, never)).outcome).toBe('unreachable');
    const before = second;
    const hub = await aHub((request, response) => {
      if (request.url !== '/api/nodes/register?namespace=fleet') second += 1;
      response.writeHead(307, { location: '/elsewhere' }).end();
    });
    expect((await hub.register(HEARTBEAT, never)).outcome).toBe('unreachable');
    expect(second).toBe(before);
  });

  it('is unreachable where nobody listens, in plain words', async () => {
    const outcome = await new HttpRingmaster('http://127.0.0.1:1', 'the-token', 'fleet').register(HEARTBEAT, never);
    expect(outcome).toMatchObject({ outcome: 'unreachable' });
    expect(JSON.stringify(outcome)).not.toContain('the-token');
  });
});
