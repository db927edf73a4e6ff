import { createServer, type RequestListener, type Server } from 'node:http';
import { staticCredentials } from '@dark-carnival/kube';
import { afterEach, describe, expect, it } from 'vitest';
import { HubClient } from './hub-client.ts';
import { HubRefusal, HubUnreachable } from './hub-error.ts';

let server: Server | undefined;
afterEach(() => new Promise<void>((resolve) => (server ? server.close(() => resolve()) : resolve())));

async function hub(answer: RequestListener): Promise<HubClient> {
  server = createServer(answer);
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  return new HubClient({
    url: `http://127.0.0.1:${port}`,
    namespace: 'lab',
    credentials: staticCredentials({ token: 'secret' }),
  });
}

describe('HubClient', () => {
  it('asks with the token of the kubeconfig, in the namespace, for exactly the file', async () => {
    const seen: string[] = [];
    const client = await hub((request, response) => {
      seen.push(`${request.method} ${request.url} ${request.headers.authorization}`);
      response.end('content');
    });
    expect(Buffer.from(await client.file('lxc-core', 'tide chart/a b.md')).toString()).toBe('content');
    expect(seen).toEqual(['GET /api/vault/lxc-core/tide%20chart/a%20b.md?namespace=lab Bearer secret']);
  });

  it('passes the hub its own words on when it refuses', async () => {
    const client = await hub((_, response) =>
      response
        .writeHead(403, { 'content-type': 'application/json' })
        .end('{"error":{"code":"Forbidden","message":"you may not"}}'),
    );
    await expect(client.vault()).rejects.toThrow(new HubRefusal(403, 'you may not'));
  });

  it.each([
    ['HTML', '<html>captive portal</html>', 200],
    ['a 502 of a proxy', 'bad gateway', 502],
    ['JSON of another shape', '{"items":[]}', 200],
  ])('takes %s for no hub', async (_, body, status) => {
    const client = await hub((_request, response) => response.writeHead(status).end(body));
    await expect(client.vault()).rejects.toBeInstanceOf(HubUnreachable);
  });

  it('follows no redirect: the token is for this hub alone', async () => {
    const paths: (string | undefined)[] = [];
    const client = await hub((request, response) => {
      paths.push(request.url);
      response.writeHead(302, { location: '/elsewhere' }).end();
    });
    await expect(client.vault()).rejects.toBeInstanceOf(HubUnreachable);
    expect(paths).toHaveLength(1);
  });

  it('says that nobody answers', async () => {
    const client = new HubClient({ url: 'http://127.0.0.1:9', namespace: 'lab', credentials: staticCredentials({}) });
    await expect(client.nodes()).rejects.toThrow(/the hub at http:\/\/127.0.0.1:9 does not answer \(.+\)/);
  });

  it('streams events, resumes where it is told, and ends with its signal', async () => {
    const urls: (string | undefined)[] = [];
    const client = await hub((request, response) => {
      urls.push(request.url);
      response.writeHead(200, { 'content-type': 'text/event-stream' }).write('id: c1\ndata: {"a":1}\n\n');
    });
    const stop = new AbortController();
    const ids: (string | undefined)[] = [];
    for await (const { id } of client.events('tide-chart', 'c0', stop.signal)) {
      ids.push(id);
      stop.abort();
    }
    expect(ids).toEqual(['c1']);
    expect(urls).toEqual(['/api/objectives/tide-chart/events?namespace=lab&after=c0']);
    server?.closeAllConnections();
  });
});
