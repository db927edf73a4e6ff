import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { objectAt, stringAt } from '../json/json.ts';
import { startLocalServer } from '../start-local-server.ts';
import { ApiClient } from '../testing/api-client.ts';
import { CONFIG_MAPS, configMap, JUGGLES, juggle } from '../testing/juggles.ts';
import { startMemoryServer, TOKEN } from '../testing/memory-server.ts';

/** A server that goes down between a deletion and what follows from it: nothing deferred is ever run. */
const NEVER = () => {};

describe('what a server left undone when it went down', () => {
  let dir: string;

  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'gc-restart-'));
  });
  afterEach(() => rmSync(dir, { recursive: true, force: true }));

  it('is done by the next: dependents, terminating namespaces, conditions of a CRD', async () => {
    const store = { path: join(dir, 'state.db') };
    const first = await startMemoryServer({ store, defer: NEVER });
    const owner = objectAt((await first.client.post(JUGGLES, juggle('owner'))).body, 'metadata');
    const reference = {
      apiVersion: 'circus.test/v1',
      kind: 'Juggle',
      name: 'owner',
      uid: stringAt(owner, 'uid') ?? '',
    };
    await first.client.post(CONFIG_MAPS, configMap('child', { ownerReferences: [reference] }));
    await first.client.post('/api/v1/namespaces', {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name: 'doomed' },
    });
    await first.client.post('/api/v1/namespaces/doomed/configmaps', configMap('inside'));
    await first.client.delete(`${JUGGLES}/owner`);
    await first.client.delete('/api/v1/namespaces/doomed');
    expect((await first.client.get('/api/v1/namespaces/doomed/configmaps/inside')).status).toBe(200);
    const { revision } = first.server.store;
    await first.server.close();

    const server = await startLocalServer({ store, token: TOKEN });
    const client = new ApiClient(server.url, TOKEN);
    const watch = await client.watch(`/api/v1/configmaps?watch=1&resourceVersion=${revision}`);
    const gone = new Set(await watch.take(2));
    expect(gone).toEqual(new Set(['DELETED child', 'DELETED inside']));
    const spaces = await client.watch(`/api/v1/namespaces?watch=1&resourceVersion=${revision}`);
    await spaces.until('DELETED', 'doomed');
    const crd = (await client.get('/apis/apiextensions.k8s.io/v1/customresourcedefinitions/juggles.circus.test')).body;
    expect(JSON.stringify(objectAt(crd, 'status')?.['conditions'])).toContain('"Established"');
    watch.close();
    spaces.close();
    await server.close();
  });
});
