import { statSync } from 'node:fs';
import { hostname } from 'node:os';
import { systemClock } from '@dark-carnival/crds/clock';
import { scrubCrashes } from '@dark-carnival/telemetry';
import { readSettings, scrubEnvironment } from './config.ts';
import { withEnvFiles } from './env-files.ts';
import { WAGON_HELP } from './flags.ts';
import { askLocalCarnival, settleIdentity } from './join/index.ts';
import { ownProviderLines } from './own-providers.ts';
import { StartError } from './start-error.ts';
import { startWagon } from './wagon.ts';

/** Exit of a process that had to be cut off while it stopped. */
const STOP_LIMIT_MS = 4800;

const world = { clock: systemClock, random: Math.random };
const say = (line: string) => void process.stderr.write(`wagon: ${line}\n`);

async function main(args: readonly string[]): Promise<void> {
  if (args.includes('--help') || args.includes('-h')) {
    process.stdout.write(WAGON_HELP);
    return;
  }
  const config = await settleIdentity(await settingsOf(args), { ...world, say, askLocalCarnival });
  const wagon = await startWagon(config, world);
  scrubCrashes(wagon.scrub, say);
  const { ownProviders, ringmasterUrl } = config;
  for (const line of ownProviders ? ownProviderLines(ownProviders, ringmasterUrl === undefined) : []) say(line);
  const stop = () => {
    setTimeout(() => process.exit(0), STOP_LIMIT_MS).unref();
    void wagon.stop().then(() => process.exit(0));
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
  if (config.exitWithParent) process.stdin.once('close', stop).once('end', stop).resume();
  process.stdout.write(`${JSON.stringify({ ready: true, url: wagon.url, nodeID: wagon.nodeID })}\n`);
}

/** A wagon that is supervised is told everything; what lies in the folder that it was started in is of its supervisor. */
async function settingsOf(args: readonly string[]) {
  const isSupervised = args.includes('--exit-with-parent');
  const env = isSupervised ? process.env : await withEnvFiles(process.env, process.cwd());
  const isFile = (path: string) => statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
  const settings = readSettings(args, env, { hostname: hostname(), isFile });
  scrubEnvironment(process.env);
  return settings;
}

main(process.argv.slice(2)).catch((error: unknown) => {
  say(error instanceof StartError ? error.message : `failed: ${error instanceof Error ? error.stack : error}`);
  process.exit(error instanceof StartError ? error.exitCode : 1);
});
