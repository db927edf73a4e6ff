import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { UnusableLogError } from './open-database.ts';
import { RevisionStore } from './revision-store.ts';

const open = (path: string) =>
  new RevisionStore({
    path,
    attributesOf: () => ({ labels: undefined, fields: {} }),
    historyLimit: 1000,
    cacheBytes: 10_000,
    defer: (run) => run(),
    onFault: (error) => {
      throw error;
    },
  });

const write = (store: RevisionStore, from: number, to: number) => {
  for (let i = from; i < to; i += 1) {
    const object = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: `m-${i}` },
      data: { text: 'x'.repeat(500) },
    };
    store.put('r', `d/m-${i}`, object);
  }
};

describe('opening the database', () => {
  let dir: string;
  let path: string;
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'open-database-'));
    path = join(dir, 'state.db');
  });
  afterEach(() => rmSync(dir, { recursive: true, force: true }));

  /** Files as a clean end leaves them. */
  const ended = () => {
    const store = open(path);
    write(store, 0, 200);
    store.close();
  };
  /** Files as kill -9 leaves them: copied while the store is open, which for SQLite is the same. */
  const killed = () => {
    const store = open(join(dir, 'live.db'));
    write(store, 0, 200);
    for (const end of ['', '-wal']) copyFileSync(join(dir, `live.db${end}`), path + end);
    store.close();
  };

  const refusal = (): UnusableLogError => {
    try {
      open(path).close();
    } catch (error) {
      if (error instanceof UnusableLogError) return error;
      throw error;
    }
    throw new Error('the file was taken');
  };

  const overwrite = (file: string, at: number, bytes: Buffer) => {
    const content = readFileSync(file);
    bytes.copy(content, at);
    writeFileSync(file, content);
  };

  const damages: [what: string, before: () => void, damage: () => void, message: RegExp][] = [
    ['was cut off', ended, () => truncateSync(path, 20_000), /state\.db is damaged \(.+\)$/],
    ['was cut off within a page', ended, () => truncateSync(path, 20_123), /state\.db is damaged \(.+\)$/],
    [
      'is something else',
      ended,
      () => writeFileSync(path, 'A shopping list.\n'.repeat(900)),
      /state\.db is damaged \(file is not a database\)$/,
    ],
    [
      'has a page of another file',
      ended,
      () => overwrite(path, 5 * 4096, Buffer.alloc(4096, 0x5a)),
      /state\.db is damaged \(.+\)$/,
    ],
    [
      'is the database of another program',
      () => {},
      () => new DatabaseSync(path).exec('CREATE TABLE songs (name); INSERT INTO songs VALUES (1)'),
      /state\.db is the database of something else$/,
    ],
    [
      'lost its write-ahead log after kill -9',
      killed,
      () => rmSync(`${path}-wal`),
      /state\.db-wal is missing, and the newest writes with it$/,
    ],
    [
      'was emptied beside its write-ahead log',
      killed,
      () => truncateSync(path, 0),
      /state\.db is empty, but its write-ahead log is not$/,
    ],
    [
      'is gone beside its write-ahead log',
      killed,
      () => rmSync(path),
      /state\.db is empty, but its write-ahead log is not$/,
    ],
    [
      'has garbage for a write-ahead log',
      killed,
      () => writeFileSync(`${path}-wal`, 'A shopping list.\n'.repeat(900)),
      /state\.db-wal is no write-ahead log$/,
    ],
  ];

  it.each(damages)('refuses a file that %s, and says so', (_what, before, damage, message) => {
    before();
    damage();
    const error = refusal();
    expect(error.message).toMatch(message);
    expect(error.damaged).toBe(true);
  });

  it('leaves a damaged file as it found it, for whoever can mend it', () => {
    killed();
    rmSync(`${path}-wal`);
    const found = readFileSync(path);
    refusal();
    expect(readFileSync(path).equals(found)).toBe(true);
  });

  it('refuses the file of another version, which is not damaged', () => {
    ended();
    const db = new DatabaseSync(path);
    db.exec("UPDATE facts SET value = 7 WHERE name = 'schema'");
    db.close();
    const error = refusal();
    expect(error.message).toMatch(/state\.db was written by another version \(format 7\)$/);
    expect(error.damaged).toBe(false);
  });

  it('takes what kill -9 left, all of it, and what a clean end left', () => {
    killed();
    const store = open(path);
    expect([store.revision, store.count('r')]).toEqual([200, 200]);
    store.close();
    expect(existsSync(`${path}-wal`)).toBe(false);
    expect(open(path).revision).toBe(200);
  });

  it('takes what was killed just after its start', () => {
    ended();
    const store = open(path);
    cpSync(path, join(dir, 'copy.db'));
    cpSync(`${path}-wal`, join(dir, 'copy.db-wal'));
    store.close();
    expect(open(join(dir, 'copy.db')).revision).toBe(200);
  });
});
