import { closeSync, openSync } from 'node:fs';
import { DatabaseSync, type StatementSync } from 'node:sqlite';

/** One revision of one object, as the log keeps it, but for its value. */
export interface LogKey {
  rev: number;
  resource: string;
  /** `<namespace>/<name>`, or `<name>` for cluster-scoped resources. */
  key: string;
  /** The revision that created the object's present life. */
  createRev: number;
  /** The revision that this one replaced, 0 for a creation. */
  prevRev: number;
  /** This revision deleted the object; the value is its last state. */
  deleted: boolean;
}

/** One revision of one object. */
export interface LogRow extends LogKey {
  /** The object as UTF-8 JSON, with its resourceVersion. */
  value: Buffer;
}

const SCHEMA_VERSION = 1;

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS log (
    rev INTEGER PRIMARY KEY,
    resource TEXT NOT NULL,
    key TEXT NOT NULL,
    create_rev INTEGER NOT NULL,
    prev_rev INTEGER NOT NULL,
    deleted INTEGER NOT NULL,
    value BLOB NOT NULL
  ) STRICT;
  CREATE INDEX IF NOT EXISTS log_by_key ON log (resource, key, rev);
  CREATE TABLE IF NOT EXISTS facts (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT;
`;

/** Another live process has the file open. */
export class LogInUseError extends Error {
  constructor(path: string) {
    super(`${path} is in use by another process`);
    this.name = 'LogInUseError';
  }
}

type RawRow = Record<string, unknown>;

function toKey(raw: RawRow): LogKey {
  return {
    rev: raw['rev'] as number,
    resource: raw['resource'] as string,
    key: raw['key'] as string,
    createRev: raw['create_rev'] as number,
    prevRev: raw['prev_rev'] as number,
    deleted: raw['deleted'] === 1,
  };
}

function toRow(raw: RawRow): LogRow {
  const value = raw['value'] as Uint8Array;
  return { ...toKey(raw), value: Buffer.from(value.buffer, value.byteOffset, value.byteLength) };
}

/**
 * The append-only log in one SQLite file. WAL with synchronous=NORMAL: an acknowledged write survives kill -9 of the process; a power cut may
 * take the newest writes, never the file's consistency. The exclusive lock mode makes the operating system refuse a second
 * process, and give the file free when this one dies.
 */
export class SqliteLog {
  readonly #db: DatabaseSync;
  readonly #insert: StatementSync;
  readonly #byRev: StatementSync;
  readonly #after: StatementSync;
  readonly #at: StatementSync;
  readonly #countAt: StatementSync;

  /** @param path a file, or `:memory:`. @throws LogInUseError when another process holds it. */
  constructor(path: string) {
    // Secrets lie in it: SQLite would make it readable for all.
    if (path !== ':memory:') closeSync(openSync(path, 'a', 0o600));
    this.#db = new DatabaseSync(path);
    try {
      this.#db.exec(
        'PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA cache_size = -4096;',
      );
      this.#db.exec(SCHEMA);
      this.#checkVersion(path);
    } catch (error) {
      this.#db.close();
      if (error instanceof Error && /database is locked|SQLITE_BUSY/.test(error.message)) throw new LogInUseError(path);
      throw error;
    }
    this.#insert = this.#db.prepare(
      'INSERT INTO log (rev, resource, key, create_rev, prev_rev, deleted, value) VALUES (?, ?, ?, ?, ?, ?, ?)',
    );
    this.#byRev = this.#db.prepare('SELECT * FROM log WHERE rev = ?');
    this.#after = this.#db.prepare('SELECT * FROM log WHERE rev > ? AND resource = ? ORDER BY rev');
    const atRevision = `FROM log AS l WHERE resource = ? AND key > ? AND key < ? AND rev <= ? AND deleted = 0 AND NOT EXISTS
      (SELECT 1 FROM log AS n WHERE n.resource = l.resource AND n.key = l.key AND n.rev > l.rev AND n.rev <= ?)`;
    this.#at = this.#db.prepare(`SELECT * ${atRevision} ORDER BY key`);
    this.#countAt = this.#db.prepare(`SELECT count(*) AS total ${atRevision}`);
  }

  /** Every row in the order of revisions, without its value: those are most of the file. */
  *keys(): IterableIterator<LogKey> {
    const columns = 'rev, resource, key, create_rev, prev_rev, deleted';
    for (const raw of this.#db.prepare(`SELECT ${columns} FROM log ORDER BY rev`).iterate()) yield toKey(raw as RawRow);
  }

  /** Commits one revision: when this returns, the write is acknowledged. */
  append(row: LogRow): void {
    this.#insert.run(row.rev, row.resource, row.key, row.createRev, row.prevRev, row.deleted ? 1 : 0, row.value);
  }

  /** The row of one revision, or undefined when it was compacted. */
  row(rev: number): LogRow | undefined {
    const raw = this.#byRev.get(rev) as RawRow | undefined;
    return raw && toRow(raw);
  }

  /** The rows of a resource after a revision, oldest first. */
  rowsAfter(rev: number, resource: string): LogRow[] {
    return (this.#after.all(rev, resource) as RawRow[]).map(toRow);
  }

  /** The objects of a resource as they were at a revision, with `from` < key < `to`, in the order of keys. */
  *rowsAt(rev: number, resource: string, from: string, to: string): IterableIterator<LogRow> {
    for (const raw of this.#at.iterate(resource, from, to, rev, rev)) yield toRow(raw as RawRow);
  }

  /** How many objects `rowsAt` would give. */
  countAt(rev: number, resource: string, from: string, to: string): number {
    return (this.#countAt.get(resource, from, to, rev, rev) as RawRow)['total'] as number;
  }

  /** The newest revision that has been compacted, 0 at first. */
  compacted(): number {
    const raw = this.#db.prepare("SELECT value FROM facts WHERE name = 'compacted'").get() as RawRow | undefined;
    return (raw?.['value'] as number | undefined) ?? 0;
  }

  /** Drops what no read at `target` or later needs: rows replaced at or before it, and deletions. Work is in proportion to target − from. */
  compact(from: number, target: number): void {
    this.#db.exec('BEGIN');
    try {
      this.#db
        .prepare('DELETE FROM log WHERE rev IN (SELECT prev_rev FROM log WHERE rev > ? AND rev <= ? AND prev_rev > 0)')
        .run(from, target);
      this.#db.prepare('DELETE FROM log WHERE rev > ? AND rev <= ? AND deleted = 1').run(from, target);
      this.#setFact('compacted', target);
      this.#db.exec('COMMIT');
    } catch (error) {
      this.#db.exec('ROLLBACK');
      throw error;
    }
  }

  close(): void {
    this.#db.close();
  }

  #setFact(name: string, value: number): void {
    this.#db
      .prepare('INSERT INTO facts VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value')
      .run(name, value);
  }

  #checkVersion(path: string): void {
    const raw = this.#db.prepare("SELECT value FROM facts WHERE name = 'schema'").get() as RawRow | undefined;
    if (!raw) this.#setFact('schema', SCHEMA_VERSION);
    else if (raw['value'] !== SCHEMA_VERSION)
      throw new Error(`${path} was written by another version (format ${raw['value']})`);
  }
}
