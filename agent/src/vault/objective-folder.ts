import { mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type ObjectiveRef, objectiveRefSchema } from '@dark-carnival/crds';
import { writeAtomically } from './atomic-write.ts';
import { kindOf, openForReading, syncFolder } from './safe-tree.ts';
import { VaultError } from './vault-error.ts';
import { assertFolderName, OWNER_FILE, supersededFolder, TEMPORARY } from './vault-name.ts';

/** Largest owner record that is read, in bytes. */
const MAX_OWNER = 4096;

/** Whose folder it is, or undefined where nothing valid says so. */
export async function ownerOf(folder: string): Promise<ObjectiveRef | undefined> {
  try {
    const handle = await openForReading(join(folder, OWNER_FILE));
    try {
      const { size } = await handle.stat();
      if (size > MAX_OWNER) return undefined;
      const parsed = objectiveRefSchema.safeParse(JSON.parse(await handle.readFile('utf8')));
      return parsed.success ? parsed.data : undefined;
    } finally {
      await handle.close();
    }
  } catch {
    return undefined;
  }
}

/** The folder of this very Objective inside its namespace's, by name, or undefined where it has none. */
export async function locateFolder(namespaceFolder: string, objective: ObjectiveRef): Promise<string | undefined> {
  assertFolderName(objective);
  const { name, uid } = objective;
  for (const folder of [name, supersededFolder(name, uid), `${name}~${uid}`]) {
    if ((await ownerOf(join(namespaceFolder, folder)))?.uid === uid) return folder;
  }
  return undefined;
}

/**
 * The folder of an Objective, made where it has none. A folder of that name that belongs to an older Objective is renamed first, so that two
 * Objectives never share a file.
 * @throws VaultError, or the file system's error.
 */
export async function claimFolder(namespaceFolder: string, objective: ObjectiveRef, unique: string): Promise<string> {
  const known = await locateFolder(namespaceFolder, objective);
  if (known !== undefined) return known;
  const target = join(namespaceFolder, objective.name);
  const there = await kindOf(target);
  if (there !== undefined && !there.isDirectory())
    throw new VaultError('unwritable', `${objective.name} is in the way in the vault: it is no folder`);
  if (there !== undefined) await supersede(namespaceFolder, objective.name);
  return makeFolder(namespaceFolder, objective.name, objective, unique);
}

/** The folder of an Objective for bringing back one of its files: never takes the plain name from whoever has it. */
export async function folderForRestore(
  namespaceFolder: string,
  objective: ObjectiveRef,
  unique: string,
): Promise<string> {
  const known = await locateFolder(namespaceFolder, objective);
  if (known !== undefined) return known;
  const taken = await kindOf(join(namespaceFolder, objective.name));
  const name = taken === undefined ? objective.name : `${objective.name}~${objective.uid}`;
  return makeFolder(namespaceFolder, name, objective, unique);
}

async function supersede(namespaceFolder: string, name: string): Promise<void> {
  const owner = (await ownerOf(join(namespaceFolder, name)))?.uid ?? 'unknown';
  const short = supersededFolder(name, owner);
  const free = (await kindOf(join(namespaceFolder, short))) === undefined ? short : `${name}~${owner}`;
  await rename(join(namespaceFolder, name), join(namespaceFolder, free));
  await syncFolder(namespaceFolder);
}

/** The folder appears together with its owner record, or not at all. */
async function makeFolder(namespaceFolder: string, name: string, owner: ObjectiveRef, unique: string): Promise<string> {
  const temporary = join(namespaceFolder, `${TEMPORARY}${unique}`);
  try {
    await mkdir(temporary, { mode: 0o700 });
    await writeAtomically(temporary, OWNER_FILE, `${JSON.stringify(owner)}\n`, unique);
    await rename(temporary, join(namespaceFolder, name));
    await syncFolder(namespaceFolder);
    return name;
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}
