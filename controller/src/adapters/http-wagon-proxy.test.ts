import { systemClock } from '@dark-carnival/crds/clock';
import { startHttpServer, type TestServer } from '@dark-carnival/kube/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { HttpWagonProxy } from './http-wagon-proxy.ts';
import { WagonConnections } from './wagon-connections.ts';

describe("passing people's requests on to a wagon", () => {
  const proxy = new HttpWagonProxy(new WagonConnections(), systemClock);
  let server: TestServer;
  const target = () => ({ namespace: 'default', name: 'x', address: `${server.url}/`, token: 'wagon-token' });
  beforeEach(async () => {
    server = await startHttpServer(({ url }, response) => {
      if (url.pathname === '/api/completions/tide/die.md') {
        response.writeHead(200, { 'content-length': '100' }).write('half');
        setImmediate(() => response.destroy());
        return;
      }
      response
        .writeHead(200, { 'content-type': 'text/markdown', etag: '"1"', 'set-cookie': 'evil=1', 'x-secret': 'y' })
        .end('# Tide');
    });
  });
  afterEach(() => server.close());

  it("adds the wagon's token and nothing of the person's", async () => {
    const answer = await proxy.forward(target(), {
      method: 'GET',
      path: '/api/completions/tide/chart.md',
      headers: { range: 'bytes=0-' },
    });
    expect(server.requests[0]?.headers).toMatchObject({ authorization: 'Bearer wagon-token', range: 'bytes=0-' });
    if (answer.outcome !== 'answered') throw new Error('no answer');
    expect(await new Response(answer.body).text()).toBe('# Tide');
  });

  it('shows only headers that are fit for a browser', async () => {
    const answer = await proxy.forward(target(), { method: 'GET', path: '/api/completions/a' });
    if (answer.outcome !== 'answered') throw new Error('no answer');
    expect(answer.headers).toEqual({ 'content-type': 'text/markdown', etag: '"1"' });
    await answer.body.cancel();
  });

  it('breaks the body when the wagon dies, instead of calling half a file a file', async () => {
    const answer = await proxy.forward(target(), { method: 'GET', path: '/api/completions/tide/die.md' });
    if (answer.outcome !== 'answered') throw new Error('no answer');
    await expect(new Response(answer.body).text()).rejects.toThrow();
  });

  it('says when nobody is there', async () => {
    await server.close();
    expect(await proxy.forward(target(), { method: 'GET', path: '/x' })).toMatchObject({ outcome: 'unreachable' });
  });
});
