import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import {
  CONFIG_MAPS,
  createTransport,
  KubeClient,
  loadKubeconfig,
  Reflector,
  type ReflectorReport,
  type Transport,
} from '@dark-carnival/kube';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { eventually } from '../harness/eventually.ts';
import { runCarnival } from '../harness/stack.ts';
import { ApiServerProcess } from './api-server-process.ts';
import type { Note } from './ledger.ts';

const note = (name: string, text = name): Note => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { namespace: 'default', name },
  data: { text },
});
const create = (client: KubeClient, name: string, text?: string) => client.create(CONFIG_MAPS, note(name, text));
const notesOf = async (client: KubeClient) =>
  Object.fromEntries(
    (await client.list<Note>(CONFIG_MAPS, { namespace: 'default' })).items.map((item) => [
      item.metadata.name,
      item.data.text,
    ]),
  );

describe('backup and restore', () => {
  let dir: string;
  let data: string;
  let file: string;
  let servers: ApiServerProcess[] = [];
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'store-backup-'));
    data = join(dir, 'data');
    file = join(dir, 'a.backup');
  });
  afterEach(async () => {
    for (const server of servers) await server.kill();
    servers = [];
    rmSync(dir, { recursive: true, force: true });
  });

  const serve = async (folder = data) => {
    const server = await ApiServerProcess.serving(folder);
    servers.push(server);
    return server;
  };
  const carnival = (...args: string[]) => runCarnival(args, { PATH: process.env['PATH'] ?? '', NO_COLOR: '1' });
  const succeed = async (...args: string[]) => {
    const { code, stdout, stderr } = await carnival(...args);
    expect(code, stderr).toBe(0);
    return stdout;
  };
  const backup = (...more: string[]) => succeed('backup', file, '--data', data, ...more);
  const restore = (...more: string[]) => succeed('restore', file, ...more);

  /** A folder with two notes and a vault, and a server on it. */
  const lived = async () => {
    const server = await serve();
    await create(server.client, 'a');
    await create(server.client, 'b');
    await server.client.delete(CONFIG_MAPS, { namespace: 'default', name: 'b' });
    await create(server.client, 'c');
    const vault = join(data, 'wagons', 'lxc-core', 'vault', 'default', 'tides');
    mkdirSync(vault, { recursive: true });
    writeFileSync(join(vault, 'chart.md'), '# Tides\n', { mode: 0o640 });
    writeFileSync(join(vault, 'notes.db'), 'not a database, and no business of ours');
    symlinkSync('/etc/passwd', join(vault, 'link'));
    return server;
  };

  it('bring the same objects, token, certificates and vaults to another machine, while the first goes on', async () => {
    const server = await lived();
    expect(await backup()).toMatch(/^\S+a\.backup \(\d+\.\d MiB, revision \d+, \d+ files\); it holds secrets\n$/);
    await create(server.client, 'later');
    const other = join(dir, 'other');
    expect(await restore('--data', other)).toMatch(
      /^restored 4 objects and \d+ files, backed up at .+, into \S+other\n$/,
    );
    const { client } = await serve(other);
    expect(await notesOf(client)).toEqual({ a: 'a', c: 'c' });
    for (const name of [
      'token',
      'pki/ca.crt',
      'pki/ca.key',
      'wagons/lxc-core/vault/default/tides/chart.md',
      'wagons/lxc-core/vault/default/tides/notes.db',
    ]) {
      expect([name, readFileSync(join(other, name), 'utf8')]).toEqual([name, readFileSync(join(data, name), 'utf8')]);
      expect([name, statSync(join(other, name)).mode]).toEqual([name, statSync(join(data, name)).mode]);
    }
    expect(existsSync(join(other, 'wagons/lxc-core/vault/default/tides/link'))).toBe(false);
    // Whoever may not read the data folder may not read the backup either.
    expect(statSync(file).mode & 0o077).toBe(0);
    // Nothing is left behind, neither beside the backup nor in the data folder.
    expect(readdirSync(dir).sort()).toEqual(['a.backup', 'data', 'other']);
    expect(readdirSync(join(data, 'snapshots'))).toEqual([]);
  });

  it('take one moment of a server that is being written to', async () => {
    const { client } = await serve();
    const acknowledged: string[] = [];
    let isDone = false;
    // Each pair is written in order: a moment never has the second without the first.
    const writing = (async () => {
      for (let i = 0; !isDone; i += 1) {
        await create(client, `first-${i}`, 'x'.repeat(20_000));
        await create(client, `second-${i}`);
        acknowledged.push(`second-${i}`);
      }
    })();
    await eventually(async () => (acknowledged.length > 50 ? true : undefined), { timeoutMs: 30_000, what: 'writes' });
    const before = [...acknowledged];
    await backup();
    isDone = true;
    await writing;
    const other = join(dir, 'other');
    await restore('--data', other);
    const restored = await notesOf((await serve(other)).client);
    expect(before.filter((name) => !(name in restored))).toEqual([]);
    expect(
      Object.keys(restored).filter(
        (name) => name.startsWith('second') && !(name.replace('second', 'first') in restored),
      ),
    ).toEqual([]);
  });

  it('include the journals of wagons that do not run, and say which are left out', async () => {
    await (await lived()).stop();
    const journal = new DatabaseSync(join(data, 'wagons', 'lxc-core', 'journal.db'));
    journal.exec(
      'PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; CREATE TABLE steps (name); INSERT INTO steps VALUES (1)',
    );
    expect(await backup()).toContain('left out, since their wagons run: wagons/lxc-core/journal.db');
    journal.close();
    expect(await backup('--force')).not.toContain('left out');
    const other = join(dir, 'other');
    await restore('--data', other);
    const copy = new DatabaseSync(join(other, 'wagons', 'lxc-core', 'journal.db'), { readOnly: true });
    expect(copy.prepare('SELECT count(*) AS n FROM steps').get()).toEqual({ n: 1 });
    copy.close();
  });

  it('make clients list again that have seen more than the backup knows: they miss nothing', async () => {
    const first = await lived();
    const line = new SwitchedLine(join(data, 'kubeconfig'));
    const reports: ReflectorReport[] = [];
    const reflector = new Reflector<Note>(new KubeClient(line), CONFIG_MAPS, {
      namespace: 'default',
      onReport: (report) => reports.push(report),
    });
    reflector.start();
    await reflector.synced();
    await backup();
    // Two hundred revisions that the backup never heard of.
    for (let i = 0; i < 200; i += 1) {
      await first.client.patch(
        CONFIG_MAPS,
        { namespace: 'default', name: 'a' },
        { type: 'merge', body: { data: { text: `${i}` } } },
      );
    }
    await create(first.client, 'forgotten');
    const seen = () =>
      Object.fromEntries([...reflector.store.values()].map((item) => [item.metadata.name, item.data.text]));
    await eventually(async () => ('forgotten' in seen() ? true : undefined), {
      timeoutMs: 20_000,
      what: 'the reflector',
    });
    const newest = Math.max(...[...reflector.store.values()].map(({ metadata }) => Number(metadata.resourceVersion)));
    await first.stop();
    await restore('--data', data, '--force');
    const second = await serve();
    line.reconnect();
    const changed = await second.client.create<Note>(CONFIG_MAPS, note('after'));
    expect(Number(changed.metadata.resourceVersion)).toBeGreaterThan(newest + 1_000_000);
    await eventually(async () => ('after' in seen() && !('forgotten' in seen()) ? true : undefined), {
      timeoutMs: 20_000,
      what: 'the reflector to see what is there now',
    });
    expect(seen()).toEqual({ a: 'a', c: 'c', after: 'after' });
    expect(reports.map(({ kind }) => kind)).toContain('expired');
    await reflector.stop();
    await line.close();
  });

  it('give revisions that no earlier restore of the same backup gave', async () => {
    await (await lived()).stop();
    await backup();
    const revisions: number[] = [];
    for (const other of ['one', 'two']) {
      await restore('--data', join(dir, other));
      const server = await serve(join(dir, other));
      for (let i = 0; i < 20; i += 1) {
        revisions.push(Number((await create(server.client, `note-${i}`)).metadata.resourceVersion));
      }
    }
    expect(revisions).toEqual([...new Set(revisions)].sort((a, b) => a - b));
  });

  it('refuse to touch a folder that is in use or holds data, and keep what they replace', async () => {
    const server = await lived();
    await backup();
    expect(await carnival('restore', file, '--data', data)).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/holds data: .*--force/),
    });
    expect(await carnival('restore', file, '--data', data, '--force')).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/is in use: stop/),
    });
    await create(server.client, 'later');
    await server.stop();
    expect(await restore('--data', data, '--force')).toMatch(
      /what was there is now \S+data\.before-restore-\d{8}T\d{6}Z\n$/,
    );
    expect(await notesOf((await serve()).client)).toEqual({ a: 'a', c: 'c' });
    const aside = readdirSync(dir).find((name) => name.includes('before-restore')) ?? '';
    expect(await notesOf((await serve(join(dir, aside))).client)).toEqual({ a: 'a', c: 'c', later: 'later' });
  });

  it('mend a folder whose database is damaged: the server says how', async () => {
    await (await lived()).stop();
    await backup();
    writeFileSync(join(data, 'state.db'), 'A shopping list.\n'.repeat(900));
    const { code, stderr } = await ApiServerProcess.failing(data);
    expect([code, stderr.split('\n').length]).toEqual([1, 2]);
    expect(stderr).toMatch(
      /^local API server: .*state\.db is damaged \(file is not a database\): restore a backup \(carnival restore FILE --data \S+ --force\), or move the file away/,
    );
    await restore('--data', data, '--force');
    expect(await notesOf((await serve()).client)).toEqual({ a: 'a', c: 'c' });
    await servers.at(-1)?.stop();
    rmSync(join(data, 'state.db'));
    expect((await ApiServerProcess.failing(data)).stderr).toMatch(
      /state\.db is missing from a folder that was in use: restore a backup/,
    );
  });

  it('refuse a backup that is cut off, changed by one byte, or none at all, before anything is touched', async () => {
    await (await lived()).stop();
    await backup();
    const whole = readFileSync(file);
    const broken = join(dir, 'broken');
    const changed = Buffer.from(whole);
    changed[whole.lastIndexOf('# Tides')] = 0x21;
    for (const [bytes, why] of [
      [whole.subarray(0, 9000), /is damaged/],
      [changed, /is damaged \(its content is not what was put in\)/],
      [Buffer.from('A shopping list.\n'.repeat(900)), /is damaged \(it is no backup at all\)/],
    ] as const) {
      writeFileSync(broken, bytes);
      expect(await carnival('restore', broken, '--data', data, '--force')).toMatchObject({
        code: 1,
        stderr: expect.stringMatching(why),
      });
    }
    copyFileSync(join(data, 'state.db'), broken);
    expect((await carnival('restore', broken, '--data', data, '--force')).stderr).toMatch(
      /is no backup of a data folder/,
    );
    expect((await carnival('restore', join(dir, 'none'), '--data', data, '--force')).stderr).toMatch(
      /there is no file/,
    );
    expect(await notesOf((await serve()).client)).toEqual({ a: 'a', c: 'c' });
    expect(readdirSync(dir).sort()).toEqual(['a.backup', 'broken', 'data']);
  });

  it('never overwrite a backup unasked, need a data folder, and say how they are used', async () => {
    expect(await carnival('backup', file, '--data', data)).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/there is no data folder at/),
    });
    await (await lived()).stop();
    await backup();
    expect(await carnival('backup', file, '--data', data)).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/exists: .*--force/),
    });
    expect(await carnival('restore')).toMatchObject({ code: 2 });
    expect(await carnival('backup', 'a', 'b')).toMatchObject({ code: 2 });
    for (const command of ['backup', 'restore']) {
      expect(await carnival(command, '--help')).toMatchObject({
        code: 0,
        stdout: expect.stringMatching(/^Usage: .*Exit codes:.*Examples:/s),
      });
    }
  });
});

/** One way to the API that survives the server's move to another port, as a client's does that reads its kubeconfig again. */
class SwitchedLine implements Transport {
  readonly #kubeconfig: string;
  #inner: Transport;

  constructor(kubeconfig: string) {
    this.#kubeconfig = kubeconfig;
    this.#inner = this.#open();
  }

  reconnect(): void {
    void this.#inner.close();
    this.#inner = this.#open();
  }

  request: Transport['request'] = (request) => this.#inner.request(request);
  stream: Transport['stream'] = (request) => this.#inner.stream(request);
  close: Transport['close'] = () => this.#inner.close();

  #open(): Transport {
    return createTransport(loadKubeconfig({ path: this.#kubeconfig, env: {} }));
  }
}
