import { systemClock } from '@dark-carnival/crds/clock';
import { readTraceSettings, TraceSettingError } from '@dark-carnival/telemetry';
import { Carnival } from './carnival.ts';
import { openDataFolder } from './data-folder.ts';
import { parseUpOptions, UP_HELP } from './options.ts';
import { listenForStop } from './stop-signals.ts';
import { spawnChild } from './supervise/spawn-child.ts';
import { UpError } from './up-error.ts';

/** `carnival up`: the only reader of this process's environment, arguments and signals. */
async function main(): Promise<number> {
  const options = parseUpOptions(process.argv.slice(2), process.env);
  if (options === 'help') {
    process.stdout.write(UP_HELP);
    return 0;
  }
  checkTraceSettings();
  const folder = openDataFolder(options.data);
  try {
    return await run(
      new Carnival({
        options,
        folder,
        env: process.env,
        cwd: process.cwd(),
        clock: systemClock,
        spawn: spawnChild,
        print: (text) => process.stdout.write(`${text}\n`),
      }),
    );
  } finally {
    folder.release();
  }
}

/** The processes read them: a wrong one is better said here, and once. */
function checkTraceSettings(): void {
  try {
    readTraceSettings(process.env);
  } catch (error) {
    throw error instanceof TraceSettingError ? new UpError(error.message, 2) : error;
  }
}

async function run(carnival: Carnival): Promise<number> {
  const stop = listenForStop(process, systemClock, {
    first: () => process.stdout.write('\nstopping; once more to stop at once\n'),
    second: () => carnival.kill(),
  });
  const failure = carnival.start().then(
    () => new Promise<never>(() => {}),
    (error: unknown) => error,
  );
  const cause = await Promise.race([failure, stop.requested]);
  await carnival.stop();
  if (cause === 'stop') {
    process.stdout.write('stopped; start again to go on\n');
    return 0;
  }
  throw cause;
}

/** One line for whatever went wrong. */
function explain(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n').join(' ');
}

// A terminal that has gone away must not end us before the children are.
process.stdout.on('error', () => {});
process.exitCode = await main().catch((error: unknown) => {
  process.stderr.write(`carnival up: ${explain(error)}\n`);
  return error instanceof UpError ? error.exitCode : 1;
});
process.exit();
