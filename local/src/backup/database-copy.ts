import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { backup, DatabaseSync } from 'node:sqlite';
import { sqliteCode } from '../store/storage-error.ts';

const SQLITE_BUSY = 5;

/** A wagon's journal as one file, write-ahead log included; `in use` while a process holds it. */
export async function copyOfDatabase(path: string, scratch: string): Promise<Uint8Array | 'in use'> {
  const folder = mkdtempSync(join(scratch, '.journal-'));
  const db = new DatabaseSync(path);
  try {
    db.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN IMMEDIATE; COMMIT;');
    await backup(db, join(folder, 'copy.db'));
    return readFileSync(join(folder, 'copy.db'));
  } catch (error) {
    if (sqliteCode(error) === SQLITE_BUSY) return 'in use';
    throw error;
  } finally {
    db.close();
    rmSync(folder, { recursive: true, force: true });
  }
}
