import { accessSync, chmodSync, constants, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { UpError } from './up-error.ts';

/** The folder that holds all that is kept, held by this process. */
export interface DataFolder {
  readonly path: string;
  readonly kubeconfig: string;
  readonly logs: string;
  readonly wagons: string;
  /** Nothing was ever started here. */
  readonly fresh: boolean;
  /** Lets another process have the folder. */
  release(): void;
}

/**
 * Makes and takes the data folder. The lock is one of the operating system's, on a SQLite file: it ends with the process, however that ends.
 * @throws UpError: unwritable, not a folder, or held by another `carnival up`.
 */
export function openDataFolder(dir: string): DataFolder {
  const path = resolve(dir);
  prepare(path);
  const kubeconfig = join(path, 'kubeconfig');
  const lock = takeLock(path);
  return {
    path,
    kubeconfig,
    logs: makeFolder(join(path, 'logs')),
    wagons: makeFolder(join(path, 'wagons')),
    fresh: !isFile(kubeconfig),
    release: () => lock.close(),
  };
}

function prepare(path: string): void {
  makeFolder(path);
  try {
    // The kubeconfig and the database hold tokens and keys: nobody else's business.
    chmodSync(path, 0o700);
    accessSync(path, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    throw unwritable(path, error);
  }
}

function makeFolder(path: string): string {
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
    return path;
  } catch (error) {
    throw unwritable(path, error);
  }
}

function unwritable(path: string, error: unknown): UpError {
  const code = (error as NodeJS.ErrnoException).code ?? String(error);
  const why = code === 'EEXIST' || code === 'ENOTDIR' ? 'a file is in the way' : code;
  return new UpError(
    `data folder ${path} cannot be written (${why}): correct its rights, or choose another with --data`,
  );
}

function takeLock(path: string): DatabaseSync {
  const pidFile = join(path, 'up.pid');
  let lock: DatabaseSync | undefined;
  try {
    lock = new DatabaseSync(join(path, 'up.lock'));
    lock.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE;');
    writeFileSync(pidFile, `${process.pid}\n`, { mode: 0o600 });
    return lock;
  } catch (error) {
    lock?.close();
    const busy = error instanceof Error && 'errcode' in error && error.errcode === SQLITE_BUSY;
    if (!busy) throw unwritable(path, error);
    throw new UpError(
      `data folder ${path} is in use by another carnival up${holder(pidFile)}: stop that one, or choose another with --data`,
    );
  }
}

const SQLITE_BUSY = 5;

function holder(pidFile: string): string {
  try {
    const pid = readFileSync(pidFile, 'utf8').trim();
    return /^\d+$/.test(pid) ? ` (process ${pid})` : '';
  } catch {
    return '';
  }
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}
