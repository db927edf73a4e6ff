import { lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { StoredFile } from './backup-file.ts';
import { copyOfDatabase } from './database-copy.ts';

/** What lies in a data folder besides the log and is worth keeping: certificates, token, kubeconfig, and what the wagons have made. */
const KEPT = ['pki', 'tls', 'token', 'kubeconfig', 'wagons'];

/** A wagon's record of its work, a database of its own. Whatever lies in a vault is a file like any other. */
const JOURNAL = /^wagons\/[^/]+\/journal\.db$/;
/** Parts of a journal, and a file of ours that was being written. */
const PASSED_OVER = /^wagons\/[^/]+\/journal\.db-|^((pki|tls)\/.*|token.*|kubeconfig.*)\.tmp$/;

/** How the files of a data folder are read. */
export interface Reading {
  /** A folder for copies that are made on the way; nothing is left in it. */
  scratch: string;
  /** Hears of journals that a running wagon holds: they are passed over. */
  onInUse: (name: string) => void;
}

/** Reads the files of a data folder. Links are not followed, and not kept. */
export async function* dataFiles(data: string, reading: Reading): AsyncIterableIterator<StoredFile> {
  for (const name of KEPT) yield* under(data, name, reading);
}

async function* under(data: string, name: string, reading: Reading): AsyncIterableIterator<StoredFile> {
  const path = join(data, name);
  // What a running wagon removes meanwhile is not in the backup.
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found?.isDirectory()) {
    for (const child of namesIn(path)) yield* under(data, `${name}/${child}`, reading);
  }
  if (!found?.isFile() || PASSED_OVER.test(name)) return;
  const bytes = JOURNAL.test(name) ? await copyOfDatabase(path, reading.scratch) : contentOf(path);
  if (bytes === 'in use') reading.onInUse(name);
  else if (bytes) yield { name, mode: found.mode & 0o777, mtime: Math.floor(found.mtimeMs / 1000), data: bytes };
}

function namesIn(path: string): string[] {
  return absentAs([], () => readdirSync(path).sort());
}

function contentOf(path: string): Uint8Array | undefined {
  return absentAs(undefined, () => readFileSync(path));
}

function absentAs<T>(absent: T, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return absent;
    throw error;
  }
}
