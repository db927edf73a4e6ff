import { randomBytes } from 'node:crypto';
import { accessSync, constants, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { readIfPresent, writePrivateFile } from '../pki/private-file.ts';
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
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
    accessSync(path, constants.R_OK | constants.W_OK | constants.X_OK);
    return {
      database: join(path, 'state.db'),
      pki: join(path, 'pki'),
      kubeconfig: join(path, 'kubeconfig'),
      token: tokenOf(join(path, 'token')),
    };
  } catch (error) {
    throw new ServeError(
      `the data folder ${path} cannot be written (${error instanceof Error ? error.message : String(error)}): choose another with --data`,
    );
  }
}

function tokenOf(file: string): string {
  const kept = readIfPresent(file)?.trim();
  if (kept) return kept;
  const token = randomBytes(32).toString('hex');
  writePrivateFile(file, `${token}\n`);
  return token;
}
