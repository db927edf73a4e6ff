import { copyFileSync, existsSync, realpathSync, rmSync } from 'node:fs';
import { join, sep } from 'node:path';
import { backup } from 'node:sqlite';
import { createTransport, KubeClient, KubeconfigError, loadKubeconfig, TransportError } from '@dark-carnival/kube';
import { z } from 'zod';
import { SNAPSHOT_PATH } from '../http/serve-snapshot.ts';
import { closeDatabase, LogInUseError, openDatabase, UnusableLogError } from '../store/open-database.ts';
import { BackupError } from './backup-error.ts';

/** For a copy of many gigabytes on a slow disk. */
const SNAPSHOT_TIMEOUT_MS = 30 * 60_000;

const snapshot = z.object({ file: z.string().min(1) });

/**
 * Copies the log of a data folder into a file: by the server where one runs (it holds the log for itself), else directly.
 * @returns whether a server runs. @throws BackupError
 */
export async function takeSnapshot(data: string, file: string): Promise<{ running: boolean }> {
  const database = join(data, 'state.db');
  if (!existsSync(database)) throw new BackupError(`there is no data folder at ${data}: name it with --data`);
  try {
    const db = openDatabase(database);
    try {
      await backup(db, file);
      return { running: false };
    } finally {
      closeDatabase(db, database);
    }
  } catch (error) {
    if (error instanceof UnusableLogError) throw new BackupError(`${error.message}: there is nothing whole to back up`);
    if (!(error instanceof LogInUseError)) throw error;
  }
  const copy = await askServer(data);
  copyFileSync(copy, file);
  rmSync(copy, { force: true });
  return { running: true };
}

async function askServer(data: string): Promise<string> {
  const config = readKubeconfig(join(data, 'kubeconfig'));
  const transport = createTransport(config, { userAgent: 'carnival-backup/0.1.0' });
  try {
    const answer = await new KubeClient(transport).raw({
      method: 'POST',
      path: SNAPSHOT_PATH,
      timeoutMs: SNAPSHOT_TIMEOUT_MS,
    });
    const { file } = snapshot.parse(JSON.parse(answer.body));
    if (!realpathSync(file).startsWith(realpathSync(data) + sep))
      throw new BackupError(`the server copied to ${file}, which is not in ${data}`);
    return file;
  } catch (error) {
    if (!(error instanceof TransportError)) throw error;
    throw new BackupError(
      `${data} is in use, but its API server does not answer (${error.code || error.kind}): try again`,
    );
  } finally {
    await transport.close();
  }
}

function readKubeconfig(path: string) {
  try {
    return loadKubeconfig({ path, env: {} });
  } catch (error) {
    if (error instanceof KubeconfigError) throw new BackupError(`the server cannot be asked: ${error.message}`);
    throw error;
  }
}
