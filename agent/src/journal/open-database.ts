import { existsSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { MIGRATIONS } from './schema.ts';

/** The journal could not be opened: `inUse` tells a second process on the same folder from everything else. */
export class JournalUnavailable extends Error {
  override readonly name = 'JournalUnavailable';
  readonly inUse: boolean;

  constructor(message: string, inUse: boolean, cause: unknown) {
    super(message, { cause });
    this.inUse = inUse;
  }
}

const SQLITE_BUSY = 5;

/** Waited for a process that is just ending: a supervisor may start the next one a moment too early. */
const LOCK_WAIT_MS = 1500;

/**
 * Opens `<folder>/journal.db` for this process alone. The lock is the operating system's, so that it is gone when the process is, however
 * it ended. Every commit is on disk before it returns (WAL with synchronous=FULL).
 * @throws JournalUnavailable
 */
export function openDatabase(folder: string): DatabaseSync {
  try {
    makeFolder(folder);
    const database = new DatabaseSync(join(folder, 'journal.db'));
    try {
      database.exec(`PRAGMA busy_timeout = ${LOCK_WAIT_MS}`);
      database.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL');
      database.exec('PRAGMA foreign_keys = ON; BEGIN IMMEDIATE; COMMIT');
      migrate(database);
      return database;
    } catch (error) {
      database.close();
      throw error;
    }
  } catch (error) {
    const inUse = isSqliteError(error) && (error.errcode & 0xff) === SQLITE_BUSY;
    const why = error instanceof Error ? error.message : String(error);
    throw new JournalUnavailable(
      inUse ? `${folder} is in use by another wagon` : `${folder} cannot hold the journal: ${why}`,
      inUse,
      error,
    );
  }
}

/** Makes a folder and its parents one by one: Node's recursive mkdir never returns where a parent is there and takes no children (/proc). */
function makeFolder(folder: string): void {
  if (existsSync(folder)) return;
  if (dirname(folder) !== folder) makeFolder(dirname(folder));
  try {
    mkdirSync(folder, { mode: 0o700 });
  } catch (error) {
    // Somebody else may have made it at the same moment.
    if (!existsSync(folder)) throw error;
  }
}

function migrate(database: DatabaseSync): void {
  const row = database.prepare('PRAGMA user_version').get();
  const version = Number(row?.user_version ?? 0);
  if (version > MIGRATIONS.length) throw new Error('it was written by a newer version of the wagon');
  for (const [index, sql] of MIGRATIONS.entries()) {
    if (index < version) continue;
    database.exec(`BEGIN IMMEDIATE; ${sql}; PRAGMA user_version = ${index + 1}; COMMIT`);
  }
}

function isSqliteError(error: unknown): error is Error & { errcode: number } {
  return error instanceof Error && 'errcode' in error && typeof error.errcode === 'number';
}
