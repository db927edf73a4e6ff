import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { pathToFileURL } from 'node:url';
import { SCHEMA_VERSION } from '../store/open-database.ts';
import { sqliteCode } from '../store/storage-error.ts';
import { BackupError } from './backup-error.ts';

/**
 * A backup is one SQLite file: the log as the server has it, the other files of the data folder as an SQLite archive (table `sqlar`, which
 * `sqlite3 -A` lists and extracts: sqlite.org/sqlar.html), and what is known about it (table `backup`).
 */
export const BACKUP_FORMAT = '1';

const TABLES = `
  CREATE TABLE sqlar (name TEXT PRIMARY KEY, mode INT, mtime INT, sz INT, data BLOB);
  CREATE TABLE backup (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
`;

/** A file of the data folder. */
export interface StoredFile {
  /** Relative to the data folder, with slashes. */
  name: string;
  /** Permission bits. */
  mode: number;
  /** Seconds since the epoch. */
  mtime: number;
  data: Uint8Array;
}

/** Makes a backup out of a copy of the log. @param madeAt ISO 8601 */
export async function completeBackup(
  path: string,
  madeAt: string,
  files: AsyncIterable<StoredFile>,
): Promise<{ files: number }> {
  const db = new DatabaseSync(path);
  try {
    // One file, readable where nothing can be written.
    db.exec(`PRAGMA journal_mode = DELETE; PRAGMA synchronous = FULL; BEGIN; ${TABLES}`);
    db.exec("UPDATE facts SET value = 0 WHERE name = 'open'");
    const insert = db.prepare('INSERT INTO sqlar VALUES (?, ?, ?, ?, ?)');
    let count = 0;
    for await (const { name, mode, mtime, data } of files) {
      insert.run(name, 0o100000 | mode, mtime, data.length, data);
      count += 1;
    }
    const note = db.prepare('INSERT INTO backup VALUES (?, ?)');
    note.run('format', BACKUP_FORMAT);
    note.run('madeAt', madeAt);
    note.run('sha256', digestOf(db));
    db.exec('COMMIT');
    return { files: count };
  } finally {
    db.close();
  }
}

/** A backup that was found whole. */
export interface CheckedBackup {
  madeAt: string;
  /** The newest revision in it. */
  revision: number;
}

/** Reads the whole file: its structure, and every byte that was put in. @throws BackupError */
export function checkBackup(path: string): CheckedBackup {
  if (!existsSync(path)) throw new BackupError(`there is no file ${path}`);
  let db: DatabaseSync | undefined;
  try {
    db = new DatabaseSync(untouched(path), { readOnly: true });
    const noted = notes(db, path);
    const [found] = db.prepare('PRAGMA integrity_check(1)').all();
    if (found?.['integrity_check'] !== 'ok') throw damaged(path, String(found?.['integrity_check']));
    if (noted.get('sha256') !== digestOf(db)) throw damaged(path, 'its content is not what was put in');
    const revision = db.prepare('SELECT max(rev) AS rev FROM log').get()?.['rev'];
    const floor = db.prepare("SELECT max(value) AS rev FROM facts WHERE name = 'floor'").get()?.['rev'];
    return { madeAt: noted.get('madeAt') ?? '', revision: Math.max(Number(revision ?? 0), Number(floor ?? 0)) };
  } catch (error) {
    if (sqliteCode(error) === undefined) throw error;
    const why = error instanceof Error ? error.message : String(error);
    throw damaged(path, why === 'file is not a database' ? 'it is no backup at all' : why);
  } finally {
    db?.close();
  }
}

/** SQLite would put files of its own beside what is in the journal mode of a running server. */
function untouched(path: string): URL {
  const url = pathToFileURL(path);
  url.searchParams.set('immutable', '1');
  return url;
}

function notes(db: DatabaseSync, path: string): Map<string, string> {
  const tables = db.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").all();
  if (!['backup', 'sqlar', 'log', 'facts'].every((table) => tables.some(({ name }) => name === table))) {
    throw new BackupError(`${path} is no backup of a data folder: make one with carnival backup`);
  }
  const rows = db.prepare('SELECT name, value FROM backup').all();
  const noted = new Map(rows.map((row) => [String(row['name']), String(row['value'])]));
  const schema = db.prepare("SELECT value FROM facts WHERE name = 'schema'").get()?.['value'];
  if (noted.get('format') !== BACKUP_FORMAT || schema !== SCHEMA_VERSION) {
    throw new BackupError(`${path} was written by another version: restore it with that version`);
  }
  return noted;
}

function damaged(path: string, why: string): BackupError {
  return new BackupError(`${path} is damaged (${why.split('\n').at(-1)}): take another backup`);
}

/** The files of a backup, one at a time. */
export function* filesOf(db: DatabaseSync): IterableIterator<StoredFile> {
  for (const row of db.prepare('SELECT name, mode, mtime, data FROM sqlar ORDER BY name').iterate()) {
    yield {
      name: String(row['name']),
      mode: Number(row['mode']) & 0o777,
      mtime: Number(row['mtime']),
      data: row['data'] as Uint8Array,
    };
  }
}

/** SHA-256 of everything that a restore brings back: SQLite's own checks see the structure, not the bytes of a value. */
function digestOf(db: DatabaseSync): string {
  const hash = createHash('sha256');
  const add = (head: unknown[], bytes: Uint8Array) =>
    hash.update(`${JSON.stringify([...head, bytes.length])}\n`).update(bytes);
  const columns = 'rev, resource, key, create_rev, prev_rev, deleted, value';
  for (const { value, ...head } of db.prepare(`SELECT ${columns} FROM log ORDER BY rev`).iterate()) {
    add(Object.values(head), value as Uint8Array);
  }
  for (const { name, mode, data } of filesOf(db)) add([name, mode], data);
  return hash.digest('hex');
}
