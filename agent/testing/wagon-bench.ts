import { errorBodySchema } from '@dark-carnival/crds';
import { systemClock } from '@dark-carnival/crds/clock';
import { onTestFinished } from 'vitest';
import type { WagonConfig } from '../src/config.ts';
import { startWagon } from '../src/wagon.ts';
import { temporaryFolder } from './temporary-folder.ts';
import { WagonClient } from './wagon-client.ts';

export const TOKEN = 'the-token-of-this-wagon';

/** A real wagon in this process, and a client that has its token; it stops with the test. */
export async function aWagon(given: Partial<WagonConfig> = {}) {
  const dataFolder = given.dataFolder ?? (await temporaryFolder());
  const config: WagonConfig = {
    token: TOKEN,
    nodeID: 'LXC-CORE',
    role: 'CORE',
    host: '127.0.0.1',
    port: 0,
    dataFolder,
    namespace: 'default',
    maxConcurrentJobs: 2,
    logLevel: 'error',
    exitWithParent: false,
    providerKeys: new Map(),
    ...given,
  };
  const wagon = await startWagon(config, { clock: systemClock, random: Math.random });
  onTestFinished(() => wagon.stop());
  return { wagon, client: new WagonClient(wagon.url, TOKEN), dataFolder };
}

/** The code of a refusal. */
export const codeOf = ({ json }: { json: unknown }) => errorBodySchema.parse(json).error.code;
