import { constants } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { syncFolder } from './safe-tree.ts';
import { TEMPORARY } from './vault-name.ts';

/** A file that lies complete and durable under a temporary name, beside where it will be. */
export interface PreparedFile {
  /** Gives it its name, over what has it now, and makes that durable. */
  commit(): Promise<void>;
  /** Takes it away again. Harmless after `commit`. */
  discard(): Promise<void>;
}

/** Writes `content` for `folder/name` under a temporary name and brings it to the disk. Leaves nothing behind where it fails. */
export async function prepareFile(
  folder: string,
  name: string,
  content: Uint8Array | string,
  unique: string,
): Promise<PreparedFile> {
  const temporary = join(folder, `${TEMPORARY}${unique}`);
  const discard = () => rm(temporary, { force: true });
  try {
    const handle = await open(
      temporary,
      constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW,
      0o600,
    );
    try {
      await handle.writeFile(content);
      await handle.sync();
    } finally {
      await handle.close();
    }
  } catch (error) {
    await discard().catch(() => undefined);
    throw error;
  }
  return {
    discard,
    commit: async () => {
      await rename(temporary, join(folder, name));
      await syncFolder(folder);
    },
  };
}

/** Prepares and commits in one go. */
export async function writeAtomically(folder: string, name: string, content: string, unique: string): Promise<void> {
  const prepared = await prepareFile(folder, name, content, unique);
  try {
    await prepared.commit();
  } finally {
    await prepared.discard();
  }
}
