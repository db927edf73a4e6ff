import { parseExposition, sampleOf } from '@dark-carnival/telemetry/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LocalServer } from '../start-local-server.ts';
import type { ApiClient } from '../testing/api-client.ts';
import { CONFIG_MAPS } from '../testing/juggles.ts';
import { startMemoryServer } from '../testing/memory-server.ts';

const map = (name: string) => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name } });

describe('the metrics of the API server', () => {
  let server: LocalServer;
  let client: ApiClient;
  const exposed = async () => String((await client.get('/metrics')).body['text']);

  beforeAll(async () => {
    ({ server, client } = await startMemoryServer());
  });
  afterAll(() => server.close());

  it('are for whoever has the token', async () => {
    expect((await fetch(`${server.url}/metrics`)).status).toBe(401);
    expect((await client.post('/metrics', {})).status).toBe(405);
    const { status, headers } = await client.get('/metrics');
    expect([status, headers.get('content-type')]).toEqual([200, 'text/plain; version=0.0.4; charset=utf-8']);
  });

  it('count requests as the real one does, with watches and objects', async () => {
    await client.post(CONFIG_MAPS, map('one'));
    await client.post(CONFIG_MAPS, map('one'));
    await client.get(`${CONFIG_MAPS}/one`);
    await client.get(CONFIG_MAPS);
    await client.patch(`${CONFIG_MAPS}/one`, { data: { a: 'b' } });
    await client.send('PATCH', `${CONFIG_MAPS}/two?fieldManager=me`, map('two'), {
      'Content-Type': 'application/apply-patch+yaml',
    });
    await client.delete(`${CONFIG_MAPS}/two`);
    const watch = new AbortController();
    await fetch(`${server.url}${CONFIG_MAPS}?watch=1`, {
      headers: { Authorization: `Bearer ${client.token}` },
      signal: watch.signal,
    });
    const text = await exposed();
    watch.abort();
    const total = (verb: string, code: string) =>
      sampleOf(text, 'apiserver_request_total', { verb, code, resource: 'configmaps', version: 'v1', group: '' });
    expect([
      ...[total('POST', '201'), total('POST', '409'), total('GET', '200'), total('LIST', '200')],
      ...[total('PATCH', '200'), total('APPLY', '201'), total('DELETE', '200'), total('WATCH', '200')],
    ]).toEqual([1, 1, 1, 1, 1, 1, 1, 1]);
    expect(sampleOf(text, 'apiserver_request_total', { verb: 'LIST', scope: 'namespace' })).toBe(1);
    const took = (verb: string) =>
      sampleOf(text, 'apiserver_request_duration_seconds_count', { verb, resource: 'configmaps' });
    expect([took('POST'), took('WATCH')]).toEqual([2, undefined]);
    expect(sampleOf(text, 'apiserver_longrunning_requests', { resource: 'configmaps' })).toBe(1);
    expect(sampleOf(text, 'apiserver_storage_objects', { resource: 'configmaps' })).toBe(1);
    expect(sampleOf(text, 'apiserver_current_inflight_requests', { request_kind: 'readOnly' })).toBe(1);
  });

  it('stay few whatever paths and methods are asked for', async () => {
    for (let index = 0; index < 400; index += 1) {
      await client.get(`/apis/evil-${index}.example/v${index}/things-${index}/x`);
      await client.send(index % 2 ? 'PROPFIND' : 'OPTIONS', `/api/v1/namespaces/n-${index}/configmaps/${index}`);
    }
    const { samples = [] } = parseExposition(await exposed()).get('apiserver_request_total') ?? {};
    expect(samples.length).toBeLessThan(40);
    expect(JSON.stringify(samples)).not.toContain('evil');
  });
});
