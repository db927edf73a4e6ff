import { aWagon, FakeClock } from '@dark-carnival/crds/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { rawRequest } from '../../testing/hub/raw-request.ts';
import { startTestHub, type TestHub } from '../../testing/hub/test-hub.ts';

const codeOf = async (answer: Response) => ((await answer.json()) as { error: { code: string } }).error.code;

describe('who gets into the hub', () => {
  let clock: FakeClock;
  let test: TestHub;
  beforeEach(async () => {
    clock = new FakeClock();
    test = await startTestHub({ clock });
    test.wagons.put(aWagon());
  });
  afterEach(() => test.close());

  async function ticketUrl(): Promise<string> {
    const answer = await test.ask('/api/login/tickets', { method: 'POST' });
    expect(answer.status).toBe(201);
    return ((await answer.json()) as { url: string }).url;
  }
  async function logIn(): Promise<{ cookie: string; csrf: string }> {
    const answer = await fetch(await ticketUrl(), { redirect: 'manual' });
    const cookie = (answer.headers.get('set-cookie') ?? '').split(';')[0] ?? '';
    const session = await fetch(`${test.hub.url}/api/session`, { headers: { cookie } });
    return { cookie, csrf: ((await session.json()) as { csrf: string }).csrf };
  }
  const asBrowser = (path: string, init: RequestInit = {}) =>
    fetch(`${test.hub.url}${path}`, { redirect: 'manual', ...init });

  it('lets nobody in without a token or a session, and says how to get one', async () => {
    const answer = await asBrowser('/api/nodes');
    expect(answer.status).toBe(401);
    expect(await answer.text()).toContain('npx carnival open');
    expect((await asBrowser('/api/nodes', { headers: { authorization: 'Basic YTpi' } })).status).toBe(401);
    expect((await asBrowser('/api/nodes', { headers: { authorization: 'Bearer wrong' } })).status).toBe(401);
  });

  it('asks the API server about a token with that very token, and once a minute', async () => {
    await test.ask('/api/nodes');
    await test.ask('/api/nodes');
    const reviews = () => test.api.server.requests.filter(({ url }) => url.pathname.endsWith('/selfsubjectreviews'));
    expect(reviews().map(({ headers }) => headers.authorization)).toEqual(['Bearer person-token']);
    test.api.users.clear();
    expect((await test.ask('/api/nodes')).status).toBe(200);
    await clock.advance(60_001);
    expect((await test.ask('/api/nodes')).status).toBe(401);
  });

  it('lets nobody in while the API server cannot say who it is', async () => {
    test.api.broken = true;
    const asking = test.ask('/api/nodes');
    // The transport tries a few times before it gives up.
    for (let tick = 0; tick < 50; tick += 1) await clock.advance(1_000);
    expect((await asking).status).toBe(503);
  });

  it('answers with the missing permission in words, from the rules of the cluster', async () => {
    test.api.allows = (user, { resource, verb }) => user === 'ada' && resource === 'wagons' && verb === 'list';
    expect((await test.ask('/api/nodes')).status).toBe(200);
    const answer = await test.ask('/api/objectives');
    expect(answer.status).toBe(403);
    expect(await answer.text()).toContain('ada may not list objectives.darkcarnival.dev in namespace default');
  });

  it.each([
    ['GET', '/api/nodes', 'list wagons'],
    ['POST', '/api/swarm/dispatch', 'create objectives'],
    ['POST', '/api/swarm/broadcast', 'create objectives'],
    ['GET', '/api/vault', 'get wagons/vault'],
    ['GET', '/api/vault/lxc-core', 'get wagons/vault lxc-core'],
    ['GET', '/api/vault/LXC-CORE/a/b.md', 'get wagons/vault lxc-core'],
    ['DELETE', '/api/vault/lxc-core/a/b.md', 'delete wagons/vault lxc-core'],
    ['GET', '/api/objectives', 'list objectives'],
    ['GET', '/api/objectives/tide-chart', 'get objectives tide-chart'],
    ['GET', '/api/objectives/tide-chart/events', 'get objectives/log tide-chart'],
    ['GET', '/api/objectives/tide-chart/transcript', 'get objectives/log tide-chart'],
    ['GET', '/api/stream', 'watch wagons'],
    ['POST', '/api/join-tokens', 'create wagons/jointokens'],
    ['GET', '/api/join-tokens', 'list wagons/jointokens'],
    ['GET', '/metrics', 'get /metrics'],
    ['DELETE', '/api/join-tokens/abcdef0123', 'delete wagons/jointokens'],
  ])('%s %s needs: %s', async (method, path, expected) => {
    const asked: string[] = [];
    test.api.allows = (_user, { verb, resource, subresource, name, path: nonResource }) => {
      asked.push(
        [verb, nonResource, subresource ? `${resource}/${subresource}` : resource, name].filter(Boolean).join(' '),
      );
      return false;
    };
    expect((await test.ask(path, { method })).status).toBe(403);
    expect(asked).toEqual([expected]);
  });

  it('slows down who guesses tokens, and still lets those in whose token was good before', async () => {
    await test.ask('/api/nodes');
    await clock.advance(61_000);
    const statuses = [];
    for (let guess = 0; guess < 12; guess += 1) {
      statuses.push((await asBrowser('/api/nodes', { headers: { authorization: `Bearer guess-${guess}` } })).status);
    }
    expect(statuses.slice(-2)).toEqual([429, 429]);
    expect((await test.ask('/api/nodes')).status).toBe(200);
    await clock.advance(2_000);
    expect((await asBrowser('/api/nodes', { headers: { authorization: 'Bearer guess' } })).status).toBe(401);
  });

  it('turns a token into a login that works once, within five minutes', async () => {
    const url = await ticketUrl();
    const first = await fetch(url, { redirect: 'manual' });
    expect(first.status).toBe(303);
    expect(first.headers.get('location')).toBe('/');
    expect(first.headers.get('set-cookie')).toMatch(
      /^carnival-session-\d+=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict$/,
    );
    const again = await fetch(url, { redirect: 'manual' });
    expect(again.headers.get('location')).toBe('/?login=expired');
    expect(again.headers.get('set-cookie')).toBeNull();
    const late = await ticketUrl();
    await clock.advance(300_000);
    expect((await fetch(late, { redirect: 'manual' })).headers.get('location')).toBe('/?login=expired');
  });

  it('keeps the ticket of a browser that fetches ahead', async () => {
    const url = await ticketUrl();
    expect((await fetch(url, { redirect: 'manual', headers: { 'sec-purpose': 'prefetch' } })).status).toBe(503);
    expect((await fetch(url, { redirect: 'manual' })).headers.get('location')).toBe('/');
  });

  it('reads with a session, and changes things only with its CSRF header from its own page', async () => {
    const { cookie, csrf } = await logIn();
    expect((await asBrowser('/api/nodes', { headers: { cookie } })).status).toBe(200);
    const dispatch = (headers: Record<string, string>) =>
      asBrowser('/api/swarm/dispatch', {
        method: 'POST',
        body: JSON.stringify({ objective: 'Plan a tide chart' }),
        headers: { 'content-type': 'application/json', cookie, ...headers },
      });
    const own = { origin: test.hub.url, 'x-carnival-csrf': csrf };
    expect(await codeOf(await dispatch({ origin: test.hub.url }))).toBe('CsrfMissing');
    expect(await codeOf(await dispatch({ ...own, 'x-carnival-csrf': `${csrf}x` }))).toBe('CsrfMissing');
    expect(await codeOf(await dispatch({ ...own, origin: 'http://127.0.0.1:8080' }))).toBe('ForeignOrigin');
    expect(await codeOf(await dispatch({ ...own, origin: 'null' }))).toBe('ForeignOrigin');
    expect((await dispatch(own)).status).toBe(201);
  });

  it('answers no page of another port or site that rides on a session', async () => {
    const { cookie } = await logIn();
    const from = (site: string) => rawRequest(test.hub.url, '/api/nodes', { cookie, 'sec-fetch-site': site });
    expect((await from('same-site')).status).toBe(403);
    expect((await from('cross-site')).status).toBe(403);
    expect((await from('same-origin')).status).toBe(200);
    expect((await from('none')).status).toBe(200);
  });

  it('makes no new login from a session, and ends a session on request', async () => {
    const { cookie, csrf } = await logIn();
    const headers = { cookie, origin: test.hub.url, 'x-carnival-csrf': csrf };
    expect(await codeOf(await asBrowser('/api/login/tickets', { method: 'POST', headers }))).toBe('BearerRequired');
    const stream = await asBrowser('/api/stream', { headers: { cookie } });
    expect((await asBrowser('/api/logout', { method: 'POST', headers })).status).toBe(204);
    await clock.advance(15_000);
    expect(await stream.text()).toContain('event: hello');
    expect((await asBrowser('/api/nodes', { headers: { cookie } })).status).toBe(401);
  });

  it('takes neither of two session cookies: one was planted', async () => {
    const { cookie } = await logIn();
    expect((await asBrowser('/api/nodes', { headers: { cookie: `${cookie}; ${cookie}` } })).status).toBe(401);
  });

  it('forgets a session that was idle for half a day', async () => {
    const { cookie } = await logIn();
    await clock.advance(12 * 3_600_000 + 1);
    expect((await asBrowser('/api/nodes', { headers: { cookie } })).status).toBe(401);
  });

  it('is not known by a foreign host name, whatever it resolves to', async () => {
    const headers = { authorization: 'Bearer person-token', host: 'evil.example' };
    const answer = await rawRequest(test.hub.url, '/api/nodes', headers);
    expect(answer.status).toBe(421);
    expect((await rawRequest(test.hub.url, '/', { host: 'evil.example' })).status).toBe(421);
    const port = new URL(test.hub.url).port;
    expect((await rawRequest(test.hub.url, '/healthz', { host: `LOCALHOST:${port}` })).status).toBe(200);
  });

  it('reads no other content type than JSON, none that is broken, and none that is too long', async () => {
    const send = (body: string, type: string) =>
      test.ask('/api/swarm/dispatch', { method: 'POST', body, headers: { 'content-type': type } });
    expect((await send('{"objective":"x"}', 'text/plain')).status).toBe(415);
    expect((await send('objective=x', 'application/x-www-form-urlencoded')).status).toBe(415);
    expect((await send('{"objective":', 'application/json')).status).toBe(400);
    expect((await send('{"objective":"x","__proto__":{"a":1}}', 'application/json')).status).toBe(400);
    expect((await send(JSON.stringify({ objective: 'x'.repeat(300_000) }), 'application/json')).status).toBe(413);
  });

  it('sends every answer with headers that leave a browser nothing to do with it', async () => {
    for (const path of ['/api/nodes', '/api/nothing', '/healthz']) {
      const { headers } = await test.ask(path);
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('content-security-policy')).toContain("default-src 'none'");
      expect(headers.get('cache-control')).toBe('no-store');
      expect(headers.get('access-control-allow-origin')).toBeNull();
    }
    const page = await asBrowser('/');
    expect(page.status).toBe(200);
    expect(page.headers.get('content-security-policy')).toContain("require-trusted-types-for 'script'");
    expect(page.headers.get('content-security-policy')).not.toContain('unsafe');
  });

  it('writes no token, ticket or cookie into its log, even when it fails', async () => {
    const { cookie } = await logIn();
    Object.assign(test.wagons, { store: undefined });
    const answer = await asBrowser('/api/nodes?ticket=secret-ticket', { headers: { cookie } });
    expect(answer.status).toBe(500);
    expect(await answer.text()).not.toContain('TypeError');
    expect(test.logged.join('\n')).toContain('TypeError');
    expect(test.logged.join('\n')).not.toMatch(/person-token|secret-ticket|carnival-session/);
  });

  it('owes some routes of the original, and says so instead of pretending', async () => {
    for (const path of ['/api/self-improve/all', '/api/self-improve/lxc-core', '/api/vault/lxc-core/learn']) {
      const answer = await test.ask(path, { method: 'POST' });
      expect(answer.status).toBe(501);
      expect(await answer.text()).toContain('not part of this version yet');
    }
    expect((await test.ask('/ws')).status).toBe(501);
  });

  it('listens in the clear on loopback only', async () => {
    await expect(startTestHub({ host: '0.0.0.0' })).rejects.toThrow('plain http is for loopback');
  });
});
