import { constants, type Stats } from 'node:fs';
import { type FileHandle, lstat, mkdir, open, readdir, realpath } from 'node:fs/promises';
import { dirname, join, sep } from 'node:path';
import { codeOf, VaultError } from './vault-error.ts';

/**
 * Ways through a tree that may hold what people put there: each segment is looked at before it is walked through, and a symbolic link is
 * never followed, wherever it points.
 */

/** Makes `relative` (segments by `/`) below `root`, which exists. @returns its absolute path. @throws VaultError, or the file system's error. */
export async function ensureFolder(root: string, relative: string): Promise<string> {
  let folder = root;
  for (const segment of relative.split('/').filter((part) => part !== '')) {
    await refuseOtherSpelling(folder, segment);
    const next = join(folder, segment);
    if ((await kindOf(next)) === undefined) {
      await mkdir(next, { mode: 0o700 }).catch((error: unknown) => {
        if (codeOf(error) !== 'EEXIST') throw error;
      });
      await syncFolder(folder);
    }
    await demandFolder(next, segment);
    folder = next;
  }
  const real = await realpath(folder);
  if (real !== root && !real.startsWith(root + sep))
    throw new VaultError('unwritable', `${relative} leads outside the vault`);
  return folder;
}

/** Walks to a file below `root` without making anything. @returns its absolute path and what lstat says, or undefined where a part is missing. */
export async function findFile(root: string, relative: string): Promise<{ path: string; stats: Stats } | undefined> {
  let path = root;
  let stats: Stats | undefined;
  for (const segment of relative.split('/')) {
    if (stats?.isDirectory() === false) return undefined;
    path = join(path, segment);
    stats = await kindOf(path);
    if (stats === undefined) return undefined;
  }
  return stats?.isFile() ? { path, stats } : undefined;
}

/**
 * A name that differs only in case from one that is there would be the same file on some systems, and two on others: refused on all.
 * @throws VaultError
 */
export async function refuseOtherSpelling(folder: string, name: string): Promise<void> {
  const folded = name.toLowerCase();
  const other = (await readdir(folder)).find((entry) => entry !== name && entry.toLowerCase() === folded);
  if (other !== undefined)
    throw new VaultError('unwritable', `${name} differs only in case from ${other}, which exists`);
}

/** Opens a file for reading, and never through a link. */
export async function openForReading(path: string): Promise<FileHandle> {
  return open(path, constants.O_RDONLY | constants.O_NOFOLLOW);
}

/** Makes the names in a folder durable. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Every file below `folder`, as paths relative to it; links are neither followed nor listed. A folder that is not there is empty. */
export async function* walkFiles(folder: string, prefix = ''): AsyncGenerator<string> {
  const entries = await readdir(join(folder, prefix), { withFileTypes: true }).catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return [];
    throw error;
  });
  for (const entry of entries) {
    const relative = prefix === '' ? entry.name : `${prefix}/${entry.name}`;
    if (entry.isDirectory()) yield* walkFiles(folder, relative);
    else if (entry.isFile()) yield relative;
  }
}

/** What lstat says, or undefined where nothing is there. */
export async function kindOf(path: string): Promise<Stats | undefined> {
  try {
    return await lstat(path);
  } catch (error) {
    const code = codeOf(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw error;
  }
}

/** Parent folders of a relative path that are empty are taken away by whoever deletes: this names them, deepest first. */
export function parentsOf(relative: string): string[] {
  const parents: string[] = [];
  for (let parent = dirname(relative); parent !== '.'; parent = dirname(parent)) parents.push(parent);
  return parents;
}

async function demandFolder(path: string, name: string): Promise<void> {
  const stats = await kindOf(path);
  if (stats?.isSymbolicLink()) throw new VaultError('unwritable', `${name} is a symbolic link`);
  if (!stats?.isDirectory()) throw new VaultError('unwritable', `${name} is in the way: it is no folder`);
}
