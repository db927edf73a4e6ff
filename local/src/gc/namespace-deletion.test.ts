import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isJsonObject, listAt, objectAt } from '../json/json.ts';
import type { LocalServer } from '../start-local-server.ts';
import type { ApiClient } from '../testing/api-client.ts';
import { configMap, juggle } from '../testing/juggles.ts';
import { startMemoryServer } from '../testing/memory-server.ts';

const SPACE = '/api/v1/namespaces/ring';
const INSIDE = '/apis/circus.test/v1/namespaces/ring/juggles';

describe('deleting a namespace', () => {
  let server: LocalServer;
  let client: ApiClient;

  beforeEach(async () => {
    ({ server, client } = await startMemoryServer());
    await client.post('/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'ring' } });
  });
  afterEach(() => server.close());

  it('deletes everything in it, then itself', async () => {
    await client.post(`${SPACE}/configmaps`, configMap('a'));
    await client.post(INSIDE, juggle('b'));
    const watch = await client.watch(`/api/v1/namespaces?watch=1&resourceVersion=${server.store.revision}`);
    const { body } = await client.delete(SPACE);
    expect(objectAt(body, 'status')?.['phase']).toBe('Terminating');
    await watch.until('DELETED', 'ring');
    expect((await client.get('/apis/circus.test/v1/juggles')).body['items']).toEqual([]);
    watch.close();
  });

  it('waits for finalizers inside, says so, and takes in nothing new', async () => {
    await client.post(INSIDE, juggle('held', { metadata: { finalizers: ['circus.test/hold'] } }));
    const watch = await client.watch(`/api/v1/namespaces?watch=1&resourceVersion=${server.store.revision}`);
    await client.delete(SPACE);
    await watch.until('MODIFIED', 'ring');
    const told = await watch.until('MODIFIED', 'ring');
    const messages = listAt(objectAt(told.object, 'status'), 'conditions').map((item) =>
      isJsonObject(item) ? item['message'] : '',
    );
    expect(messages).toContain('Some resources are remaining: juggles.circus.test has 1 resource instances');
    expect(messages).toContain(
      'Some content in the namespace has finalizers remaining: circus.test/hold in 1 resource instances',
    );
    const refused = await client.post(`${SPACE}/configmaps`, configMap('late'));
    expect(refused.status).toBe(403);
    expect(objectAt(refused.body, 'details')?.['causes']).toEqual([
      { reason: 'NamespaceTerminating', message: 'namespace ring is being terminated', field: 'metadata.namespace' },
    ]);
    await client.patch(`${INSIDE}/held`, { metadata: { finalizers: [] } });
    await watch.until('DELETED', 'ring');
    watch.close();
  });

  it('is forbidden for the namespaces that every cluster has', async () => {
    for (const name of ['default', 'kube-system'])
      expect((await client.delete(`/api/v1/namespaces/${name}`)).status).toBe(403);
  });
});
