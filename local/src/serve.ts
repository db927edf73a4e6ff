import { Secrets, scrubCrashes } from '@dark-carnival/telemetry';
import { writePrivateFile } from '@dark-carnival/tls';
import { openDataDir } from './process/data-dir.ts';
import { localKubeconfig } from './process/local-kubeconfig.ts';
import { parseServeOptions, ServeError, type ServeOptions } from './process/serve-options.ts';
import { type LocalServer, startLocalServer } from './start-local-server.ts';
import { LogInUseError, UnusableLogError } from './store/open-database.ts';
import { StorageError } from './store/storage-error.ts';

const say = (line: string) => void process.stderr.write(`local engine: ${line}\n`);

/** The API server as a process of its own. Prints one line of JSON when it serves; SIGTERM or SIGINT ends it cleanly. */
async function main(): Promise<void> {
  const options = parseServeOptions(process.argv.slice(2));
  const { server, kubeconfig } = await start(options).catch((error: unknown) => {
    throw explained(error, options);
  });
  const stop = () => void server.close().then(() => process.exit(0));
  process.once('SIGTERM', stop).once('SIGINT', stop);
  if (options.exitWithParent) process.stdin.resume().once('end', stop).once('error', stop);
  process.stdout.write(`${JSON.stringify({ ready: true, url: server.url, kubeconfig })}\n`);
}

async function start({ data, port }: ServeOptions): Promise<{ server: LocalServer; kubeconfig: string }> {
  const { database, token, pki, kubeconfig } = openDataDir(data);
  const secrets = new Secrets();
  secrets.add([token]);
  scrubCrashes(secrets.scrub, say);
  const server = await startLocalServer({
    store: { path: database },
    token,
    tls: { dir: pki },
    onFault: (error) => say(secrets.scrub(error instanceof Error ? (error.stack ?? error.message) : String(error))),
    ...(port === undefined ? {} : { port }),
  });
  writePrivateFile(kubeconfig, localKubeconfig({ url: server.url, caPem: server.caPem ?? '', token }));
  return { server, kubeconfig };
}

const UNWRITABLE = ['ENOSPC', 'EDQUOT', 'EROFS', 'EACCES', 'EPERM', 'EIO'];

/** What the person who starts the server can do about it; an error that nobody can mend stays as it is. */
function explained(error: unknown, { data, port }: ServeOptions): unknown {
  const { code = '', message } = error as NodeJS.ErrnoException;
  if (error instanceof LogInUseError)
    return new ServeError(
      `the data folder ${data} is in use by another server: stop it, or choose another with --data`,
    );
  if (error instanceof UnusableLogError) return new ServeError(`${message}: ${remedy(error, data)}`);
  if (error instanceof StorageError) return new ServeError(`cannot start: ${message}`);
  if (code === 'EADDRINUSE') return new ServeError(`port ${port} is taken: choose another with --port`);
  if (UNWRITABLE.includes(code))
    return new ServeError(`the data folder ${data} cannot be written (${message}): check its disk and its rights`);
  return error;
}

function remedy({ damaged }: UnusableLogError, data: string): string {
  if (!damaged) return 'start that version, or choose another folder with --data';
  return `restore a backup (carnival restore FILE --data ${data} --force), or move the file away to start empty`;
}

main().catch((error: unknown) => {
  process.stderr.write(`local API server: ${error instanceof Error ? error.message.split('\n')[0] : String(error)}\n`);
  process.exit(error instanceof ServeError ? error.exitCode : 1);
});
