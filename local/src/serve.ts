import { writePrivateFile } from './pki/private-file.ts';
import { openDataDir } from './process/data-dir.ts';
import { localKubeconfig } from './process/local-kubeconfig.ts';
import { parseServeOptions, ServeError } from './process/serve-options.ts';
import { type LocalServer, startLocalServer } from './start-local-server.ts';
import { LogInUseError, UnusableLogError } from './store/open-database.ts';
import { StorageError } from './store/storage-error.ts';

/** The API server as a process of its own. Prints one line of JSON when it serves; SIGTERM or SIGINT ends it cleanly. */
async function main(): Promise<void> {
  const options = parseServeOptions(process.argv.slice(2));
  const dir = openDataDir(options.data);
  const server = await start(options.data, dir, options.port);
  writePrivateFile(dir.kubeconfig, localKubeconfig({ url: server.url, caPem: server.caPem ?? '', token: dir.token }));
  const stop = () => void server.close().then(() => process.exit(0));
  process.once('SIGTERM', stop).once('SIGINT', stop);
  if (options.exitWithParent) process.stdin.resume().once('end', stop).once('error', stop);
  process.stdout.write(`${JSON.stringify({ ready: true, url: server.url, kubeconfig: dir.kubeconfig })}\n`);
}

async function start(
  data: string,
  dir: ReturnType<typeof openDataDir>,
  port: number | undefined,
): Promise<LocalServer> {
  try {
    return await startLocalServer({
      store: { path: dir.database },
      token: dir.token,
      tls: { dir: dir.pki },
      ...(port === undefined ? {} : { port }),
    });
  } catch (error) {
    if (error instanceof LogInUseError)
      throw new ServeError(
        `the data folder ${data} is in use by another server: stop it, or choose another with --data`,
      );
    if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE')
      throw new ServeError(`port ${port} is taken: choose another with --port`);
    if (error instanceof UnusableLogError) throw new ServeError(`${error.message}: ${remedy(error, data)}`);
    if (error instanceof StorageError) throw new ServeError(`cannot start: ${error.message}`);
    throw error;
  }
}

function remedy({ damaged }: UnusableLogError, data: string): string {
  if (!damaged) return 'start that version, or choose another folder with --data';
  return `restore a backup (carnival restore FILE --data ${data} --force), or move the file away to start empty`;
}

main().catch((error: unknown) => {
  process.stderr.write(`local API server: ${error instanceof Error ? error.message.split('\n')[0] : String(error)}\n`);
  process.exit(error instanceof ServeError ? error.exitCode : 1);
});
