import {
  chmodSync,
  closeSync,
  existsSync,
  fsyncSync,
  mkdtempSync,
  openSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { Clock } from '@dark-carnival/crds/clock';
import { StorageError } from '../store/storage-error.ts';
import { BackupError, fileError } from './backup-error.ts';
import { type CheckedBackup, checkBackup, completeBackup } from './backup-file.ts';
import { dataFiles } from './data-files.ts';
import { takeSnapshot } from './take-snapshot.ts';

export interface BackupRequest {
  /** Data folder. */
  data: string;
  /** Where to. */
  file: string;
  /** Replaces a file that is there. */
  force: boolean;
}

export interface BackupResult extends CheckedBackup {
  file: string;
  files: number;
  /** Journals that running wagons hold: not in the backup. */
  passedOver: string[];
}

/**
 * Backs a data folder up into one file, whole or not at all. The log is copied before the files: whatever a status names was written before it, so
 * it is in the backup too.
 * @throws BackupError
 */
export async function writeBackup({ data, file, force }: BackupRequest, clock: Clock): Promise<BackupResult> {
  const path = resolve(file);
  if (existsSync(path) && !force) throw new BackupError(`${file} exists: choose another name, or give --force`);
  let folder: string | undefined;
  try {
    // Beside it, so that the last step is a rename; for the owner alone, since Secrets and a CA's key lie in it.
    folder = mkdtempSync(join(dirname(path), '.carnival-backup-'));
    const partial = join(folder, 'backup');
    writeFileSync(partial, '', { mode: 0o600 });
    await takeSnapshot(data, partial);
    const passedOver: string[] = [];
    const reading = { scratch: folder, onInUse: (name: string) => passedOver.push(name) };
    const madeAt = new Date(clock.now()).toISOString();
    const { files } = await completeBackup(partial, madeAt, dataFiles(data, reading));
    const checked = checkBackup(partial);
    chmodSync(partial, 0o600);
    syncToDisk(partial);
    renameSync(partial, path);
    return { ...checked, file, files, passedOver };
  } catch (error) {
    throw error instanceof StorageError
      ? new BackupError(error.message)
      : fileError(`${file} cannot be written`, error);
  } finally {
    if (folder) rmSync(folder, { recursive: true, force: true });
  }
}

function syncToDisk(path: string): void {
  const file = openSync(path, 'r+');
  fsyncSync(file);
  closeSync(file);
}
