import { randomBytes } from 'node:crypto';
import { accessSync, constants, existsSync, mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { readIfPresent, writePrivateFile } from '@dark-carnival/tls';
import { ServeError } from './serve-options.ts';

/** Where a local server keeps what. */
export interface DataDir {
  database: string;
  pki: string;
  kubeconfig: string;
  token: string;
}

/** Opens the data folder, made where it is missing, with a token of its own from the first start on. @throws ServeError when it cannot be used */
export function openDataDir(path: string): DataDir {
  const database = join(path, 'state.db');
  const kubeconfig = join(path, 'kubeconfig');
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
    accessSync(path, constants.R_OK | constants.W_OK | constants.X_OK);
    refuseLoss(path, database, kubeconfig);
    return { database, pki: join(path, 'pki'), kubeconfig, token: tokenOf(join(path, 'token')) };
  } catch (error) {
    if (error instanceof ServeError) throw error;
    throw new ServeError(
      `the data folder ${path} cannot be written (${error instanceof Error ? error.message : String(error)}): choose another with --data`,
    );
  }
}

/** The kubeconfig is written once the database serves: a folder with the one but not the other was robbed of it, and is not new. */
function refuseLoss(path: string, database: string, kubeconfig: string): void {
  if (!existsSync(kubeconfig) || (statSync(database, { throwIfNoEntry: false })?.size ?? 0) > 0) return;
  // Which of the two is missing is told by the store, that looks at the write-ahead log.
  if (existsSync(`${database}-wal`)) return;
  throw new ServeError(
    `${database} is missing from a folder that was in use: restore a backup (carnival restore FILE --data ${path} --force), or remove ${kubeconfig} too to start empty`,
  );
}

function tokenOf(file: string): string {
  const kept = readIfPresent(file)?.trim();
  if (kept) return kept;
  const token = randomBytes(32).toString('hex');
  writePrivateFile(file, `${token}\n`);
  return token;
}
