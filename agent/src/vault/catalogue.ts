import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type Sidecar, sidecarSchema } from '@dark-carnival/crds';
import type { DigestCache } from './digest-cache.ts';
import { findFile, openForReading, walkFiles } from './safe-tree.ts';
import { codeOf } from './vault-error.ts';
import { isObjectiveFolder, isTranscript, META_FOLDER, pathOfSidecar, sidecarPath } from './vault-name.ts';

/** Largest sidecar that is read, in bytes. */
const MAX_SIDECAR = 65_536;

/** A file of the vault as it is now. `sha256` and `bytes` are the file's own, not what its sidecar says. */
export interface VaultEntry extends Sidecar {
  /** Changed: the file is not what was written. Missing: only the sidecar is left; sha256 and bytes are what it says. */
  state: 'Intact' | 'Changed' | 'Missing';
}

/** Reads the sidecar of a path, or undefined where there is none that makes sense. */
export async function readSidecar(objectiveFolder: string, path: string): Promise<Sidecar | undefined> {
  const found = await findFile(objectiveFolder, sidecarPath(path));
  if (found === undefined || found.stats.size > MAX_SIDECAR) return undefined;
  try {
    const handle = await openForReading(found.path);
    try {
      const parsed = sidecarSchema.safeParse(JSON.parse(await handle.readFile('utf8')));
      return parsed.success ? parsed.data : undefined;
    } finally {
      await handle.close();
    }
  } catch {
    return undefined;
  }
}

/** Objective folders of a namespace, sorted. */
export async function objectiveFolders(namespaceFolder: string): Promise<string[]> {
  const entries = await readdir(namespaceFolder, { withFileTypes: true }).catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT') return [];
    throw error;
  });
  return entries
    .filter((entry) => entry.isDirectory() && isObjectiveFolder(entry.name))
    .map(({ name }) => name)
    .sort();
}

/** Every file that has a sidecar, in the order of its name; transcripts only with `all`. */
export async function listEntries(
  namespaceFolder: string,
  digests: DigestCache,
  { all }: { all: boolean },
): Promise<VaultEntry[]> {
  const entries: VaultEntry[] = [];
  for (const folder of await objectiveFolders(namespaceFolder)) {
    const root = join(namespaceFolder, folder);
    for await (const relative of walkFiles(join(root, META_FOLDER))) {
      const path = pathOfSidecar(relative);
      if (path === undefined || (isTranscript(path) && !all)) continue;
      const entry = await describe(root, folder, path, digests);
      if (entry !== undefined) entries.push(entry);
    }
  }
  return entries.sort((left, right) => (left.file < right.file ? -1 : left.file > right.file ? 1 : 0));
}

async function describe(
  root: string,
  folder: string,
  path: string,
  digests: DigestCache,
): Promise<VaultEntry | undefined> {
  const sidecar = await readSidecar(root, path);
  if (sidecar === undefined) return undefined;
  // An older Objective's folder has been renamed since the sidecar was written: the name by which the file is found now counts.
  const named = { ...sidecar, file: `${folder}/${path}` };
  const found = await findFile(root, path);
  if (found === undefined) return { ...named, state: 'Missing' };
  try {
    const sha256 = await digests.digestOf(found.path, found.stats);
    const state = sha256 === sidecar.sha256 ? 'Intact' : 'Changed';
    return { ...named, sha256, bytes: found.stats.size, state };
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return { ...named, state: 'Missing' };
    throw error;
  }
}
