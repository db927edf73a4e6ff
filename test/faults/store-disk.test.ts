import { join } from 'node:path';
import { ApiError, CONFIG_MAPS, type KubeClient } from '@dark-carnival/kube';
import { afterEach, describe, expect, it, onTestFinished, type TestContext } from 'vitest';
import { eventually } from '../harness/eventually.ts';
import { requiresTier } from '../harness/required-tiers.ts';
import { ApiServerProcess } from './api-server-process.ts';
import type { Note } from './ledger.ts';
import { SmallDisk } from './small-disk.ts';

const MiB = 1024 * 1024;
const NAMESPACE = 'default';

const note = (name: string, text = '', owner?: Note): Note => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: {
    namespace: NAMESPACE,
    name,
    ...(owner && {
      ownerReferences: [
        { apiVersion: 'v1', kind: 'ConfigMap', name: owner.metadata.name, uid: owner.metadata.uid ?? '' },
      ],
    }),
  },
  data: { text },
});

const namesOf = async (client: KubeClient) =>
  (await client.list<Note>(CONFIG_MAPS, { namespace: NAMESPACE })).items.map(({ metadata }) => metadata.name);

/** Creates until the server refuses. */
async function createUntilRefused(client: KubeClient, prefix: string): Promise<{ names: string[]; error: ApiError }> {
  const names: string[] = [];
  for (;;) {
    const name = `${prefix}-${names.length}`;
    try {
      await client.create(CONFIG_MAPS, note(name, 'x'.repeat(2000)));
      names.push(name);
    } catch (error) {
      if (error instanceof ApiError) return { names, error };
      throw error;
    }
  }
}

describe('an API server on a disk', () => {
  let server: ApiServerProcess | undefined;
  afterEach(async () => {
    await server?.kill();
    server = undefined;
  });

  const diskFor = (test: TestContext, made: SmallDisk | string): SmallDisk => {
    if (typeof made === 'string') {
      if (requiresTier('faults')) throw new Error(`this run requires a small disk: ${made}`);
      return test.skip(made);
    }
    onTestFinished(async () => {
      await server?.kill();
      made.remove();
    });
    return made;
  };
  const serveOn = async (disk: SmallDisk) => {
    server = await ApiServerProcess.serving(join(disk.path, 'data'));
    return server;
  };

  it('that is full answers writes with 507 and what to do, goes on reading, and takes writes once there is room', async (test) => {
    const disk = diskFor(test, SmallDisk.inMemory(4 * MiB));
    const { client } = await serveOn(disk);
    disk.fill(256 * 1024);
    const before = await createUntilRefused(client, 'before');
    expect(before.names.length).toBeGreaterThan(5);
    expect(before.error).toMatchObject({ code: 507, reason: 'InsufficientStorage' });
    expect(before.error.message).toMatch(
      /no room left on the disk of .*state\.db: .*nothing was changed; free some space/,
    );

    const first = { namespace: NAMESPACE, name: before.names[0] ?? '' };
    for (const write of [
      () => client.patch(CONFIG_MAPS, first, { type: 'merge', body: { data: { text: 'y'.repeat(2000) } } }),
      () => client.delete(CONFIG_MAPS, first),
    ]) {
      await expect(write()).rejects.toMatchObject({ code: 507 });
    }
    expect((await client.get<Note>(CONFIG_MAPS, first)).data.text).toBe('x'.repeat(2000));
    expect((await namesOf(client)).sort()).toEqual([...before.names].sort());
    const { metadata } = await client.list(CONFIG_MAPS, { namespace: NAMESPACE });
    const watching = await client.watch<Note>(CONFIG_MAPS, {
      namespace: NAMESPACE,
      resourceVersion: metadata.resourceVersion ?? '',
    });
    const told = watching[Symbol.asyncIterator]();

    disk.free();
    const after = await client.create<Note>(CONFIG_MAPS, note('after'));
    // The refused writes took no revision, and no watcher ever heard of them.
    expect(Number(after.metadata.resourceVersion)).toBe(Number(metadata.resourceVersion) + 1);
    expect((await told.next()).value).toMatchObject({ type: 'ADDED', object: { metadata: { name: 'after' } } });
    await told.return?.();

    await server?.kill();
    const again = await serveOn(disk);
    expect((await namesOf(again.client)).sort()).toEqual([...before.names, 'after'].sort());
  });

  it('that fills up in the middle of a clean-up finishes the clean-up by itself once there is room', async (test) => {
    const disk = diskFor(test, SmallDisk.inMemory(8 * MiB));
    const { client } = await serveOn(disk);
    const owner = await client.create<Note>(CONFIG_MAPS, note('owner'));
    for (let i = 0; i < 120; i += 1) await client.create(CONFIG_MAPS, note(`owned-${i}`, 'x'.repeat(2000), owner));
    disk.fill(200 * 1024);
    await client.delete(CONFIG_MAPS, { namespace: NAMESPACE, name: 'owner' });
    await eventually(
      async () =>
        client.create(CONFIG_MAPS, note(`filler-${Math.random()}`, 'x'.repeat(2000))).then(
          () => undefined,
          () => true,
        ),
      { timeoutMs: 20_000, what: 'the disk to be full', everyMs: 1 },
    );
    expect((await namesOf(client)).filter((name) => name.startsWith('owned')).length).toBeGreaterThan(0);
    disk.free();
    await eventually(
      async () => ((await namesOf(client)).some((name) => name.startsWith('owned')) ? undefined : true),
      { timeoutMs: 20_000, what: 'the rest to be cleaned up' },
    );
  });

  it('that is full stops cleanly, and starts again once there is room', async (test) => {
    const disk = diskFor(test, SmallDisk.inMemory(4 * MiB));
    const running = await serveOn(disk);
    disk.fill(128 * 1024);
    const { names } = await createUntilRefused(running.client, 'kept');
    disk.fill();
    expect(await running.stop()).toMatchObject({ code: 0 });
    const refused = await ApiServerProcess.failing(join(disk.path, 'data'));
    expect([refused.code, refused.stderr.split('\n').length]).toEqual([1, 2]);
    expect(refused.stderr).toMatch(/no (room|space) left/);
    disk.free();
    const again = await serveOn(disk);
    expect((await namesOf(again.client)).sort()).toEqual([...names].sort());
  });

  it('that nothing can be written to any more answers writes with 500, goes on reading, and lost nothing', async (test) => {
    const disk = diskFor(test, SmallDisk.withExt4(16 * MiB));
    const { client } = await serveOn(disk);
    for (const name of ['a', 'b', 'c']) await client.create(CONFIG_MAPS, note(name));
    disk.breakDown();
    for (let i = 0; i < 3; i += 1) {
      await expect(client.create(CONFIG_MAPS, note('d'))).rejects.toMatchObject({
        code: 500,
        message: expect.stringMatching(
          /state\.db cannot be written \(disk I\/O error\): .*nothing was changed; check the disk/,
        ),
      });
    }
    expect(await namesOf(client)).toEqual(['a', 'b', 'c']);
    await server?.kill();
    const refused = await ApiServerProcess.failing(join(disk.path, 'data'));
    expect([refused.code, refused.stderr.split('\n').length]).toEqual([1, 2]);
    expect(refused.stderr).toMatch(/the data folder .* cannot be written/);
  });
});
