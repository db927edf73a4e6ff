import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { requiresTier } from '../../harness/required-tiers.ts';
import type { StoryReport } from './run-story.ts';
import { STORIES } from './stories.ts';

/** Another seed, or some plans alone: `CARNIVAL_SIEVE_SEED=7 CARNIVAL_SIEVE_PLAN='crashAfter at write 4' npx vitest run test/faults/sieve/sieve.test.ts`. */
const { CARNIVAL_SIEVE_SEED: seed = '1', CARNIVAL_SIEVE_PLAN: only = '' } = process.env;
/** All plans where the tier is required, or some were asked for; else a share of them, so that `npm test` does not take minutes longer for everybody. */
const everyNth = requiresTier('faults') || only !== '' ? 1 : 8;
const LIMIT_MS = 600_000;

async function run(story: string): Promise<StoryReport> {
  const args = [
    '--disable-warning=ExperimentalWarning',
    join(import.meta.dirname, 'run-story.ts'),
    story,
    seed,
    String(everyNth),
    only,
  ];
  const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: LIMIT_MS, maxBuffer: 2 ** 26 });
  return JSON.parse(stdout) as StoryReport;
}

describe.concurrent('every fault at every write, order, notification and message', () => {
  it.each(STORIES)(
    'changes nothing in "$name"',
    async ({ name }) => {
      const { plans, wrong, tally, slowest } = await run(name);
      if (process.env['CARNIVAL_TEST_TELL']) console.log(`${tally}\nSLOWEST ${JSON.stringify(slowest)}`);
      expect(wrong, `seed ${seed}`).toEqual([]);
      if (only === '') expect(plans).toBeGreaterThanOrEqual(Math.floor(150 / everyNth));
    },
    LIMIT_MS,
  );
});
