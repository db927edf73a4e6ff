import { connect } from 'node:net';
import { FakeClock } from '@dark-carnival/crds/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { objectAt } from '../json/json.ts';
import type { LocalServer, LocalServerOptions } from '../start-local-server.ts';
import type { ApiClient } from '../testing/api-client.ts';
import { CONFIG_MAPS, configMap, JUGGLES, juggle } from '../testing/juggles.ts';
import { startMemoryServer, TOKEN } from '../testing/memory-server.ts';

describe('a watch', () => {
  let server: LocalServer;
  let client: ApiClient;

  const start = async (options: Partial<LocalServerOptions> = {}) => {
    ({ server, client } = await startMemoryServer(options));
  };
  afterEach(() => server.close());

  const now = () => server.store.revision;

  it('from a revision hears everything after it, once and in order, live and from memory alike', async () => {
    await start();
    const from = now();
    await client.post(JUGGLES, juggle('a'));
    await client.patch(`${JUGGLES}/a`, { spec: { balls: 4 } });
    const watch = await client.watch(`${JUGGLES}?watch=1&resourceVersion=${from}`);
    await client.delete(`${JUGGLES}/a`);
    await client.post(JUGGLES, juggle('b'));
    expect(await watch.take(4)).toEqual(['ADDED a', 'MODIFIED a', 'DELETED a', 'ADDED b']);
    watch.close();
  });

  it('without a revision begins with what is there', async () => {
    await start();
    await client.post(JUGGLES, juggle('b'));
    await client.post(JUGGLES, juggle('a'));
    const watch = await client.watch(`${JUGGLES}?watch=1`);
    await client.post(JUGGLES, juggle('c'));
    expect(await watch.take(3)).toEqual(['ADDED a', 'ADDED b', 'ADDED c']);
    watch.close();
  });

  it('is given everything that it missed, however much that is', async () => {
    await start();
    const from = now();
    const data = { big: 'x'.repeat(100_000) };
    for (let i = 0; i < 60; i += 1) await client.post(CONFIG_MAPS, configMap(`m${i}`, {}, data));
    const watch = await client.watch(`${CONFIG_MAPS}?watch=1&resourceVersion=${from}`);
    expect(await watch.take(60)).toEqual(Array.from({ length: 60 }, (_, i) => `ADDED m${i}`));
    watch.close();
  });

  it('from a revision that was compacted gets one 410 and ends', async () => {
    await start({ historyLimit: 10 });
    await client.post(CONFIG_MAPS, configMap('a'));
    for (let i = 0; i < 600; i += 1) await client.patch(`${CONFIG_MAPS}/a`, { data: { i: String(i) } });
    const watch = await client.watch(`${CONFIG_MAPS}?watch=1&resourceVersion=1`);
    const line = await watch.next();
    expect(watch.status).toBe(200);
    expect([line?.type, line?.object['code'], line?.object['reason']]).toEqual(['ERROR', 410, 'Expired']);
    expect(line?.object['message']).toBe(`too old resource version: 1 (${server.store.compacted})`);
    expect(await watch.next()).toBeUndefined();
  });

  it('with a selector sees objects come and go as their labels and fields change', async () => {
    await start();
    const byLabel = await client.watch(`${JUGGLES}?watch=1&labelSelector=act%3Dopen`);
    const byField = await client.watch(`${JUGGLES}?watch=1&fieldSelector=status.phase%3DUp`);
    await client.post(JUGGLES, juggle('a', { metadata: { labels: { act: 'open' } } }));
    await client.patch(`${JUGGLES}/a/status`, { status: { phase: 'Up' } });
    await client.patch(`${JUGGLES}/a`, { metadata: { labels: { act: 'closed' } } });
    const { body } = await client.patch(`${JUGGLES}/a/status`, { status: { phase: 'Down' } });
    expect(await byLabel.take(2)).toEqual(['ADDED a', 'MODIFIED a']);
    const left = await byLabel.next();
    expect([left?.type, objectAt(left?.object.metadata, 'labels')]).toEqual(['DELETED', { act: 'open' }]);
    expect(await byField.take(2)).toEqual(['ADDED a', 'MODIFIED a']);
    const down = await byField.next();
    expect([down?.type, down?.object.metadata['resourceVersion']]).toEqual([
      'DELETED',
      objectAt(body, 'metadata')?.['resourceVersion'],
    ]);
    expect(objectAt(down?.object, 'status')?.['phase']).toBe('Up');
    byLabel.close();
    byField.close();
  });

  it('sends bookmarks to those who ask, and ends after its time with one', async () => {
    const clock = new FakeClock();
    await start({ clock, random: () => 0.5, bookmarkIntervalMs: 60_000 });
    const watch = await client.watch(
      `${JUGGLES}?watch=1&resourceVersion=${now()}&allowWatchBookmarks=true&timeoutSeconds=90`,
    );
    await client.post(CONFIG_MAPS, configMap('elsewhere'));
    await clock.advance(60_000);
    expect(await watch.next()).toEqual({
      type: 'BOOKMARK',
      object: { kind: 'Juggle', apiVersion: 'circus.test/v1', metadata: { resourceVersion: String(now()) } },
    });
    await clock.advance(30_000);
    expect((await watch.next())?.type).toBe('BOOKMARK');
    expect(await watch.next()).toBeUndefined();
  });

  it('marks the end of the initial events for those who ask', async () => {
    await start();
    await client.post(JUGGLES, juggle('a'));
    const watch = await client.watch(
      `${JUGGLES}?watch=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true`,
    );
    expect((await watch.next())?.type).toBe('ADDED');
    const mark = await watch.next();
    expect([mark?.type, mark?.object.metadata['annotations']]).toEqual([
      'BOOKMARK',
      { 'k8s.io/initial-events-end': 'true' },
    ]);
    watch.close();
  });

  it('of a client that stops reading is cut off, and the server goes on', async () => {
    await start();
    const { hostname, port } = new URL(server.url);
    const socket = connect(Number(port), hostname);
    socket.write(
      `GET ${CONFIG_MAPS}?watch=1&resourceVersion=${now()} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${TOKEN}\r\n\r\n`,
    );
    await new Promise((resolve) => socket.once('data', resolve));
    socket.pause();
    const closed = new Promise((resolve) => socket.once('close', resolve));
    socket.on('error', () => {});
    const big = 'x'.repeat(900_000);
    await client.post(CONFIG_MAPS, configMap('a'));
    for (let i = 0; i < 40; i += 1)
      expect((await client.patch(`${CONFIG_MAPS}/a`, { data: { big: `${i}${big}` } })).status).toBe(200);
    socket.resume();
    await closed;
  });

  it('ends when the server closes', async () => {
    await start();
    const watch = await client.watch(`${JUGGLES}?watch=1&resourceVersion=${now()}`);
    const end = watch.next();
    await server.close();
    expect(await end).toBeUndefined();
    await start();
  });
});
