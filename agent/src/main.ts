import { hostname } from 'node:os';
import { systemClock } from '@dark-carnival/crds/clock';
import { readConfig, StartError, scrubEnvironment } from './config.ts';
import { startWagon } from './wagon.ts';

/** Exit of a process that had to be cut off while it stopped. */
const STOP_LIMIT_MS = 4800;

async function main(): Promise<void> {
  const config = readConfig(process.argv.slice(2), process.env, hostname());
  scrubEnvironment(process.env);
  const wagon = await startWagon(config, { clock: systemClock, random: Math.random });
  const stop = () => {
    setTimeout(() => process.exit(0), STOP_LIMIT_MS).unref();
    void wagon.stop().then(() => process.exit(0));
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
  if (config.exitWithParent) process.stdin.once('close', stop).once('end', stop).resume();
  process.stdout.write(`${JSON.stringify({ ready: true, url: wagon.url, nodeID: wagon.nodeID })}\n`);
}

main().catch((error: unknown) => {
  const line = error instanceof StartError ? error.message : `failed: ${error instanceof Error ? error.stack : error}`;
  process.stderr.write(`wagon: ${line}\n`);
  process.exit(1);
});
