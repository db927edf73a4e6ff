import { FakeClock } from '@dark-carnival/crds/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { answerJson, eventually, startHttpServer, type TestServer } from '../../testing/index.ts';
import { createTransport } from './create-transport.ts';
import { PoolRegistry } from './pools.ts';
import { parseRetryAfter } from './retry-after.ts';
import type { KubeRequest } from './transport.ts';

let server: TestServer | undefined;
afterEach(() => server?.close());

/** A server that fails `times` times in the given way, then answers 200. */
async function failing(times: number, status: number, headers = {}) {
  let left = times;
  server = await startHttpServer((_request, response) => {
    left -= 1;
    if (left < 0) answerJson(response, 200, {});
    else if (status === 0) response.destroy();
    else answerJson(response, status, {}, headers);
  });
  const clock = new FakeClock();
  const transport = createTransport(server.config(), { clock, random: () => 1, pools: new PoolRegistry() });
  return { server, clock, transport };
}

const MERGE = { 'content-type': 'application/merge-patch+json' };
const JSON_PATCH = { 'content-type': 'application/json-patch+json' };

describe('RetryingTransport', () => {
  it('waits as Retry-After says before it reads again', async () => {
    const { server, clock, transport } = await failing(1, 429, { 'retry-after': '2' });
    const answer = transport.request({ method: 'GET', path: '/x' });
    await eventually(() => expect(clock.nextInMs).toBe(2_100));
    await clock.advance(2_000);
    expect(server.requests).toHaveLength(1);
    await clock.advance(100);
    expect((await answer).status).toBe(200);
    expect(clock.pendingTimers).toBe(0);
  });

  it('passes the answer on when the server asks for longer than a caller should wait', async () => {
    const { server, transport } = await failing(9, 503, { 'retry-after': '60' });
    expect((await transport.request({ method: 'GET', path: '/x' })).status).toBe(503);
    expect(server.requests).toHaveLength(1);
  });

  it('gives up after four attempts with the last answer', async () => {
    const { server, clock, transport } = await failing(99, 429);
    const answer = transport.request({ method: 'GET', path: '/x' });
    for (let wait = 1; wait <= 3; wait += 1) {
      await eventually(() => expect(server.requests).toHaveLength(wait));
      await eventually(() => expect(clock.nextInMs).toBeLessThanOrEqual(2_000));
      await clock.advance(clock.nextInMs ?? 0);
    }
    expect((await answer).status).toBe(429);
    expect(server.requests).toHaveLength(4);
  });

  it('stops waiting when the caller cancels', async () => {
    const { clock, transport } = await failing(9, 429, { 'retry-after': '5' });
    const abort = new AbortController();
    const answer = transport.request({ method: 'GET', path: '/x', signal: abort.signal });
    await eventually(() => expect(clock.nextInMs).toBe(5_100));
    abort.abort();
    expect((await answer).status).toBe(429);
    expect(clock.pendingTimers).toBe(0);
  });

  const once: { name: string; request: KubeRequest; status: number; sent: number }[] = [
    { name: 'a POST after 429', request: { method: 'POST', path: '/x', body: '{}' }, status: 429, sent: 1 },
    {
      name: 'a JSON patch after 429',
      request: { method: 'PATCH', path: '/x', headers: JSON_PATCH, body: '[]' },
      status: 429,
      sent: 1,
    },
    {
      name: 'a merge patch after 429',
      request: { method: 'PATCH', path: '/x', headers: MERGE, body: '{}' },
      status: 429,
      sent: 2,
    },
    { name: 'a DELETE after 503', request: { method: 'DELETE', path: '/x' }, status: 503, sent: 2 },
    { name: 'a read after 500', request: { method: 'GET', path: '/x' }, status: 500, sent: 1 },
    { name: 'a read whose connection broke', request: { method: 'GET', path: '/x' }, status: 0, sent: 2 },
    {
      name: 'a write whose connection broke: it may have been carried out',
      request: { method: 'PUT', path: '/x', body: '{}' },
      status: 0,
      sent: 1,
    },
  ];
  it.each(once)('sends $sent time(s): $name', async ({ request, status, sent }) => {
    const { server, clock, transport } = await failing(1, status);
    const answer = transport.request(request).catch((error: unknown) => error);
    await eventually(() => expect(server.requests).toHaveLength(1));
    if (sent > 1) await eventually(() => expect(clock.nextInMs).toBe(100));
    await clock.advance(100);
    await answer;
    expect(server.requests).toHaveLength(sent);
  });
});

describe('parseRetryAfter', () => {
  it.each([
    { value: undefined, want: undefined },
    { value: '3', want: 3 },
    { value: ' 0 ', want: 0 },
    { value: '999999', want: 120 },
    { value: '-1', want: undefined },
    { value: 'soon', want: undefined },
    { value: 'Thu, 01 Jan 1970 00:00:10 GMT', want: 10 },
    { value: 'Thu, 01 Jan 1960 00:00:10 GMT', want: 0 },
  ])('reads $value as $want', ({ value, want }) => {
    expect(parseRetryAfter(value, 0)).toBe(want);
  });
});
