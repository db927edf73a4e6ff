import { copyFileSync, mkdirSync, readdirSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Clock } from '@dark-carnival/crds/clock';
import { closeDatabase, fact, LogInUseError, openDatabase, setFact } from '../store/open-database.ts';
import { openDataFolder } from '../up/data-folder.ts';
import { UpError } from '../up/up-error.ts';
import { BackupError, fileError } from './backup-error.ts';
import { type CheckedBackup, checkBackup, filesOf, type StoredFile } from './backup-file.ts';

export interface RestoreRequest {
  /** Data folder. */
  data: string;
  /** The backup. */
  file: string;
  /** Replaces a data folder that is there; what it holds is kept aside. */
  force: boolean;
}

export interface RestoreResult extends CheckedBackup {
  objects: number;
  files: number;
  /** Where the data that was replaced lies now. */
  keptAside: string | undefined;
}

/** Far above what any client has seen of a log that went on after the backup: etcd's `--bump-revision` takes the same. */
const REVISION_STEP = 1_000_000_000;

/**
 * Brings a backup back into a data folder. The backup is checked first, the new folder is made beside the old one, and only then do the two change
 * places.
 * @throws BackupError
 */
export function restoreBackup({ data, file, force }: RestoreRequest, clock: Clock): RestoreResult {
  const path = resolve(data);
  const checked = checkBackup(file);
  const isEmpty = namesIn(path).length === 0;
  if (!isEmpty && !force) {
    throw new BackupError(`${data} holds data: choose another folder with --data, or give --force (it is kept aside)`);
  }
  const stamp = new Date(clock.now()).toISOString().replace(/[-:]|\.\d+/g, '');
  const replaced = isEmpty ? undefined : takeReplaced(path, data);
  const fresh = `${path}.restoring-${stamp}`;
  const keptAside = isEmpty ? undefined : `${path}.before-restore-${stamp}`;
  try {
    mkdirSync(dirname(path), { recursive: true });
    mkdirSync(fresh, { mode: 0o700 });
    const floor = Math.max(checked.revision, replaced?.revision ?? 0, clock.now() - REVISION_STEP) + REVISION_STEP;
    const counts = fill(fresh, file, floor);
    changePlaces(fresh, path, keptAside);
    return { ...checked, ...counts, keptAside };
  } catch (error) {
    rmSync(fresh, { recursive: true, force: true });
    throw fileError(`${data} cannot be restored`, error);
  } finally {
    replaced?.release();
  }
}

function namesIn(path: string): string[] {
  try {
    return readdirSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw fileError(`${path} cannot be read`, error);
  }
}

/** Makes sure that nobody uses the folder, and that nobody begins to until we are done. */
function takeReplaced(path: string, data: string): { revision: number; release(): void } {
  try {
    const folder = openDataFolder(path);
    try {
      return { revision: newestRevision(join(path, 'state.db')), release: folder.release };
    } catch (error) {
      folder.release();
      throw error;
    }
  } catch (error) {
    if (error instanceof UpError) throw new BackupError(error.message);
    if (!(error instanceof LogInUseError)) throw error;
    throw new BackupError(`${data} is in use: stop its API server first, or choose another folder with --data`);
  }
}

/** 0 where the file is damaged: that may be why there is a restore. @throws LogInUseError */
function newestRevision(database: string): number {
  try {
    const db = openDatabase(database);
    const rev = db.prepare('SELECT max(rev) AS rev FROM log').get()?.['rev'];
    const newest = Math.max(Number(rev ?? 0), fact(db, 'floor') ?? 0);
    closeDatabase(db, database);
    return newest;
  } catch (error) {
    if (error instanceof LogInUseError) throw error;
    return 0;
  }
}

/** Makes the new folder. @returns what is in it */
function fill(folder: string, file: string, floor: number): { objects: number; files: number } {
  const database = join(folder, 'state.db');
  copyFileSync(file, database);
  const db = new DatabaseSync(database);
  try {
    let files = 0;
    for (const stored of filesOf(db)) {
      writeStored(folder, stored);
      files += 1;
    }
    return { objects: beginAnew(db, floor), files };
  } finally {
    db.close();
  }
}

/** The archive says where each file goes, and is not believed where that is outside. */
function writeStored(folder: string, { name, mode, mtime, data }: StoredFile): void {
  const parts = name.split('/');
  if (parts.some((part) => part === '' || part === '.' || part === '..' || /[\\\0]/.test(part))) {
    throw new BackupError(`the backup has a file of the name ${JSON.stringify(name)}, which no data folder has`);
  }
  const path = join(folder, ...parts);
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  writeFileSync(path, data, { mode, flag: 'wx' });
  utimesSync(path, mtime, mtime);
}

/**
 * The log goes on far above where it was, and its past is forgotten: a client that holds a revision from after the backup gets 410 and lists again.
 * Were the revisions given out a second time it would miss what happens at them without a word.
 * @returns the number of objects
 */
function beginAnew(db: DatabaseSync, floor: number): number {
  db.exec('PRAGMA journal_mode = DELETE; BEGIN; DROP TABLE sqlar; DROP TABLE backup;');
  db.exec('DELETE FROM log WHERE rev IN (SELECT prev_rev FROM log WHERE prev_rev > 0)');
  db.exec('DELETE FROM log WHERE deleted = 1');
  setFact(db, 'floor', floor);
  setFact(db, 'compacted', floor);
  db.exec('COMMIT; VACUUM;');
  return Number(db.prepare('SELECT count(*) AS total FROM log').get()?.['total']);
}

function changePlaces(fresh: string, path: string, keptAside: string | undefined): void {
  try {
    if (keptAside) renameSync(path, keptAside);
    renameSync(fresh, path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'EBUSY' && code !== 'EXDEV') throw error;
    throw new BackupError(
      `${path} is a mount point, which cannot be replaced: restore into a folder below it with --data`,
    );
  }
}
