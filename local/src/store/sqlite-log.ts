import { backup, type DatabaseSync, type StatementSync } from 'node:sqlite';
import { closeDatabase, fact, openDatabase, setFact } from './open-database.ts';
import { onDisk, storageErrorOf } from './storage-error.ts';

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

/** 4 MiB: a step holds the file, and so a write, for some milliseconds. */
const COPY_PAGES_PER_STEP = 1000;

const KEY_COLUMNS = 'rev, resource, key, create_rev, prev_rev, deleted';

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

function toBuffer(value: unknown): Buffer {
  const { buffer, byteOffset, byteLength } = value as Uint8Array<ArrayBuffer>;
  return Buffer.from(buffer, byteOffset, byteLength);
}

/** The append-only log in one SQLite file. Every method throws StorageError where the disk fails. */
export class SqliteLog {
  readonly #path: string;
  readonly #db: DatabaseSync;
  readonly #insert: StatementSync;
  readonly #valueOf: StatementSync;
  readonly #after: StatementSync;
  readonly #at: StatementSync;
  readonly #countAt: StatementSync;

  /** @param path a file, or `:memory:`. @throws as `openDatabase` */
  constructor(path: string) {
    this.#path = path;
    this.#db = openDatabase(path);
    this.#insert = this.#db.prepare(
      'INSERT INTO log (rev, resource, key, create_rev, prev_rev, deleted, value) VALUES (?, ?, ?, ?, ?, ?, ?)',
    );
    this.#valueOf = this.#db.prepare('SELECT value FROM log WHERE rev = ?');
    this.#after = this.#db.prepare(`SELECT ${KEY_COLUMNS} FROM log WHERE rev > ? AND resource = ? ORDER BY rev`);
    const atRevision = `FROM log AS l WHERE resource = ? AND key > ? AND key < ? AND rev <= ? AND deleted = 0 AND NOT EXISTS
      (SELECT 1 FROM log AS n WHERE n.resource = l.resource AND n.key = l.key AND n.rev > l.rev AND n.rev <= ?)`;
    this.#at = this.#db.prepare(`SELECT key, rev ${atRevision} ORDER BY key`);
    this.#countAt = this.#db.prepare(`SELECT count(*) AS total ${atRevision}`);
  }

  /** Every row in the order of revisions, without its value: those are most of the file. */
  *keys(): IterableIterator<LogKey> {
    for (const raw of this.#db.prepare(`SELECT ${KEY_COLUMNS} FROM log ORDER BY rev`).iterate())
      yield toKey(raw as RawRow);
  }

  /** Commits one revision: when this returns, the write is acknowledged. */
  append(row: LogRow): void {
    const { rev, resource, key, createRev, prevRev, deleted, value } = row;
    onDisk(this.#path, () => this.#insert.run(rev, resource, key, createRev, prevRev, deleted ? 1 : 0, value));
  }

  /** The value of one revision, or undefined when it was compacted. */
  value(rev: number): Buffer | undefined {
    const raw = onDisk(this.#path, () => this.#valueOf.get(rev)) as RawRow | undefined;
    return raw && toBuffer(raw['value']);
  }

  /** The rows of a resource after a revision, oldest first, without their values. */
  keysAfter(rev: number, resource: string): LogKey[] {
    return onDisk(this.#path, () => this.#after.all(rev, resource) as RawRow[]).map(toKey);
  }

  /** The keys of a resource at a revision, with `from` < key < `to`, in their order, and the revision that wrote each. */
  *keysAt(rev: number, resource: string, from: string, to: string): IterableIterator<{ key: string; rev: number }> {
    for (const raw of this.#at.iterate(resource, from, to, rev, rev)) yield raw as { key: string; rev: number };
  }

  /** How many objects `keysAt` would give. */
  countAt(rev: number, resource: string, from: string, to: string): number {
    return (this.#countAt.get(resource, from, to, rev, rev) as RawRow)['total'] as number;
  }

  /** The newest revision that has been compacted, 0 at first. */
  compacted(): number {
    return fact(this.#db, 'compacted') ?? 0;
  }

  /** The revision that a restored log goes on from, whatever its rows say; 0 where it was never restored. */
  floor(): number {
    return fact(this.#db, 'floor') ?? 0;
  }

  /** Drops what no read at `target` or later needs: rows replaced at or before it, and deletions. Work is in proportion to target − from. */
  compact(from: number, target: number): void {
    onDisk(this.#path, () => {
      this.#db.exec('BEGIN');
      try {
        this.#db
          .prepare(
            'DELETE FROM log WHERE rev IN (SELECT prev_rev FROM log WHERE rev > ? AND rev <= ? AND prev_rev > 0)',
          )
          .run(from, target);
        // By the newest row, also one that deleted something, the next start knows where it was.
        this.#db
          .prepare('DELETE FROM log WHERE rev > ? AND rev <= ? AND deleted = 1 AND rev < (SELECT max(rev) FROM log)')
          .run(from, target);
        setFact(this.#db, 'compacted', target);
        this.#db.exec('COMMIT');
      } catch (error) {
        // A full disk has rolled it back already.
        if (this.#db.isTransaction) this.#db.exec('ROLLBACK');
        throw error;
      }
    });
  }

  /** Copies the whole log, as it is at one moment, into a new file. Writes go on meanwhile: the copy is made in steps, off this thread. */
  async copyTo(file: string): Promise<void> {
    try {
      await backup(this.#db, file, { rate: COPY_PAGES_PER_STEP });
    } catch (error) {
      throw storageErrorOf(file, error);
    }
  }

  close(): void {
    closeDatabase(this.#db, this.#path);
  }
}
