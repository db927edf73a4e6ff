import {
  accessSync,
  chmodSync,
  constants,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
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
    refuseForeign(path);
    // The kubeconfig and the database hold tokens and keys: nobody else's business.
    chmodSync(path, 0o700);
    accessSync(path, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    throw unwritable(path, error);
  }
}

/** What lies in a data folder from its first start on, or from that of a wagon that joined a hub elsewhere; and what is in any folder that a disk is mounted on. */
const OURS = ['up.lock', 'state.db', 'kubeconfig', 'wagons'];
const OF_THE_DISK = 'lost+found';

/** A home folder or `/` would lose its rights to everybody else, and be littered. @throws UpError */
function refuseForeign(path: string): void {
  const entries = readdirSync(path).filter((entry) => entry !== OF_THE_DISK);
  if (entries.length === 0 || entries.some((entry) => OURS.includes(entry))) return;
  throw new UpError(`data folder ${path} holds other things: choose an empty one, or a new one, with --data`);
}

function makeFolder(path: string): string {
  try {
    makeFolders(path);
    return path;
  } catch (error) {
    throw unwritable(path, error);
  }
}

/** One by one: Node's recursive mkdir tries for ever where the parent exists and the answer is ENOENT all the same, as everywhere in /proc. */
function makeFolders(path: string): void {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) return;
  const parent = dirname(path);
  if (parent !== path && !existsSync(parent)) makeFolders(parent);
  mkdirSync(path, { mode: 0o700 });
}

const REASONS: Readonly<Record<string, readonly [why: string, remedy: string]>> = {
  EEXIST: ['a file is in the way', 'move it away'],
  ENOTDIR: ['a file is in the way', 'move it away'],
  ENOENT: ['the system makes no folder there', 'name a folder on a disk'],
  ENOSPC: ['the disk is full', 'make room'],
  EROFS: ['the disk is read-only', 'mount it for writing'],
};

function unwritable(path: string, error: unknown): UpError {
  if (error instanceof UpError) return error;
  const { code = String(error), errcode } = error as NodeJS.ErrnoException & { errcode?: number };
  const [why, remedy] = (errcode === SQLITE_FULL ? REASONS['ENOSPC'] : REASONS[code]) ?? [code, 'correct its rights'];
  return new UpError(`data folder ${path} cannot be written (${why}): ${remedy}, or choose another with --data`);
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
const SQLITE_FULL = 13;

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
