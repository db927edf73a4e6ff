/** Why the disk did not take (or give) what was asked for. */
export type StorageFault = 'full' | 'unwritable' | 'damaged';

/** The disk failed under a running server: nothing of the write was kept, and what was kept before is as it was. */
export class StorageError extends Error {
  override readonly name = 'StorageError';
  readonly fault: StorageFault;

  constructor(fault: StorageFault, message: string, cause: unknown) {
    super(message, { cause });
    this.fault = fault;
  }
}

// Primary result codes (sqlite.org/rescode.html); the extended ones carry them in their low byte.
const FAULTS: ReadonlyMap<number, StorageFault> = new Map([
  [3, 'unwritable'], // SQLITE_PERM
  [8, 'unwritable'], // SQLITE_READONLY
  [10, 'unwritable'], // SQLITE_IOERR: EROFS and EIO come as it
  [11, 'damaged'], // SQLITE_CORRUPT
  [13, 'full'], // SQLITE_FULL: ENOSPC and EDQUOT
  [14, 'unwritable'], // SQLITE_CANTOPEN
  [26, 'damaged'], // SQLITE_NOTADB
]);

/** Primary SQLite result code of an error, undefined for any other error. */
export function sqliteCode(error: unknown): number | undefined {
  const code = error instanceof Error && 'errcode' in error ? error.errcode : undefined;
  return typeof code === 'number' ? code & 0xff : undefined;
}

/** Runs what touches the file. @throws StorageError where the disk, not the caller, is at fault. */
export function onDisk<T>(path: string, act: () => T): T {
  try {
    return act();
  } catch (error) {
    throw storageErrorOf(path, error);
  }
}

/** The StorageError that an error of SQLite stands for; any other error as it is. */
export function storageErrorOf(path: string, error: unknown): unknown {
  const fault = FAULTS.get(sqliteCode(error) ?? 0);
  if (fault === undefined) return error;
  const why = error instanceof Error ? error.message : String(error);
  return new StorageError(fault, MESSAGES[fault](path, why), error);
}

const MESSAGES: Readonly<Record<StorageFault, (path: string, why: string) => string>> = {
  full: (path) =>
    `no room left on the disk of ${path}: the write was refused and nothing was changed; free some space, then try again`,
  unwritable: (path, why) =>
    `${path} cannot be written (${why}): the write was refused and nothing was changed; check the disk and its mount, then try again`,
  damaged: (path, why) => `${path} is damaged (${why}): stop the server, and restore a backup`,
};
