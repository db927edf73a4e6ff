import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { objectAt } from '../json/json.ts';
import type { LocalServer } from '../start-local-server.ts';
import type { ApiClient } from '../testing/api-client.ts';
import { CONFIG_MAPS, configMap, JUGGLES, juggle } from '../testing/juggles.ts';
import { startMemoryServer } from '../testing/memory-server.ts';

const KiB = 1024;
const OTHER_NAMESPACE = '/api/v1/namespaces/kube-system/configmaps';
/** Finalizers of 75 bytes each: they are in the object, and again in the record of who owns its fields. */
const finalizers = (count: number) =>
  Array.from({ length: count }, (_, i) => `circus.test/${String(i).padStart(63, 'f')}`);
const large = (name: string, count: number) =>
  configMap(name, { finalizers: finalizers(count) }, { a: 'x'.repeat(1020 * KiB) });

describe('what a cluster would refuse', () => {
  let server: LocalServer;
  let client: ApiClient;
  beforeAll(async () => {
    ({ server, client } = await startMemoryServer());
  });
  afterAll(() => server.close());

  it('is a deletion across namespaces', async () => {
    for (const path of [CONFIG_MAPS, OTHER_NAMESPACE]) await client.post(path, configMap('kept'));
    expect((await client.delete('/api/v1/configmaps')).status).toBe(405);
    for (const path of [CONFIG_MAPS, OTHER_NAMESPACE]) expect((await client.get(`${path}/kept`)).status).toBe(200);
  });

  it('is an object of more than 1.5 MiB; where it fits without the record of owners, it is kept without', async () => {
    const { revision } = server.store;
    const refused = await client.post(CONFIG_MAPS, large('refused', 8000));
    expect([refused.status, refused.body['message']]).toEqual([500, 'etcdserver: request is too large']);
    expect(server.store.revision).toBe(revision);
    const kept = await client.post(CONFIG_MAPS, large('kept-without', 4200));
    expect([kept.status, objectAt(kept.body, 'metadata')?.['managedFields']]).toEqual([201, undefined]);
    const grown = await client.patch(`${CONFIG_MAPS}/kept-without`, {
      metadata: { finalizers: finalizers(8000) },
    });
    expect(grown.status).toBe(500);
    expect((await client.get(`${CONFIG_MAPS}/kept-without`)).body['metadata']).toEqual(kept.body['metadata']);
  });

  it('is another kind in a patch of a built-in kind', async () => {
    await client.post(CONFIG_MAPS, configMap('kind'));
    const { status, body } = await client.patch(`${CONFIG_MAPS}/kind`, { kind: 'Other' });
    expect([status, body['message']]).toEqual([422, expect.stringContaining('no kind "Other" is registered')]);
    expect((await client.patch(`${CONFIG_MAPS}/kind`, { kind: null })).body['kind']).toBe('ConfigMap');
  });

  it('are deletion options of another kind, of no known policy, or of two, and nothing is deleted by them', async () => {
    await client.post(JUGGLES, juggle('options'));
    for (const options of [
      { kind: 'ConfigMap', apiVersion: 'v1' },
      { propagationPolicy: '' },
      { propagationPolicy: 'Orphan', orphanDependents: true },
      { dryRun: ['Nope'] },
      { preconditions: { uid: '' } },
    ])
      expect((await client.delete(`${JUGGLES}/options`, options)).status).toBeGreaterThanOrEqual(400);
    expect((await client.get(`${JUGGLES}/options`)).status).toBe(200);
  });

  it('are keys that stand twice in YAML, when asked to be strict; otherwise they are told of', async () => {
    const yaml = `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: twice}\ndata:\n  a: "1"\n  a: "2"\n`;
    const type = { 'Content-Type': 'application/yaml' };
    const refused = await client.post(`${CONFIG_MAPS}?fieldValidation=Strict`, yaml, type);
    expect([refused.status, refused.body['message']]).toEqual([
      400,
      expect.stringContaining('line 6: key "a" already set in map'),
    ]);
    const taken = await client.post(CONFIG_MAPS, yaml, type);
    expect([taken.status, taken.headers.get('warning')]).toEqual([
      201,
      '299 - "line 6: key \\"a\\" already set in map"',
    ]);
  });
});

describe('owner references that stand twice', () => {
  it('are taken once, with a warning', async () => {
    const { server, client } = await startMemoryServer();
    const owner = { apiVersion: 'v1', kind: 'ConfigMap', name: 'owner', uid: 'u' };
    const other = { ...owner, controller: true };
    const made = await client.post(
      `${JUGGLES}?dryRun=All`,
      juggle('twice', { metadata: { ownerReferences: [owner, other, owner] } }),
    );
    expect(objectAt(made.body, 'metadata')?.['ownerReferences']).toEqual([owner, other]);
    expect(made.headers.get('warning')).toContain('contains duplicate entries; API server dedups');
    await server.close();
  });
});

describe('a client that has the OpenAPI document already', () => {
  it('is told so by its ETag, and moved on when the kind has changed', async () => {
    const { server, client } = await startMemoryServer();
    const path = '/openapi/v3/apis/circus.test/v1';
    const etag = (await client.get(path)).headers.get('etag') ?? '';
    expect((await client.get(path, { 'If-None-Match': etag })).status).toBe(304);
    const hash = etag.replaceAll('"', '');
    const cached = await client.get(`${path}?hash=${hash}`);
    expect([cached.status, cached.headers.get('cache-control')]).toEqual([200, 'public, immutable']);
    const moved = await fetch(`${client.url}${path}?hash=old`, {
      redirect: 'manual',
      headers: { Authorization: `Bearer ${client.token}` },
    });
    expect([moved.status, moved.headers.get('location')]).toEqual([301, `${path}?hash=${hash}`]);
    await server.close();
  });
});
