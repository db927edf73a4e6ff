import { afterAll, describe, expect, it } from 'vitest';
import { judge } from './oracle.ts';
import { type Performance, perform } from './performance.ts';
import { allPlans, inWords } from './plans.ts';
import { BUGS, type PlantedBug, stageWith } from './planted-bugs.ts';
import { STORIES } from './stories.ts';
import { Theatre } from './theatre.ts';

const SEED = Number(process.env['CARNIVAL_SIEVE_SEED'] ?? 1);

/** What the honest controller does without faults, by story. */
async function references() {
  const theatre = await Theatre.open(SEED);
  const found = new Map<string, Performance>();
  for (const story of STORIES) found.set(story.name, await perform(theatre, story));
  await theatre.close();
  return found;
}

interface Catch {
  plan: string;
  problem: string;
  tried: number;
}

/** Tries the plans of a bug's stories until one catches it. */
async function hunt(
  bug: PlantedBug,
  honest: Awaited<ReturnType<typeof references>>,
  limit = Number.POSITIVE_INFINITY,
): Promise<Catch | undefined> {
  const stage = await stageWith(bug);
  let tried = 0;
  for (const name of bug.stories) {
    const story = stage.STORIES.find((each) => each.name === name);
    const reference = honest.get(name);
    if (!story || !reference) throw new Error(`no story ${name}`);
    const theatre = await stage.Theatre.open(SEED, { ...HONEST_PARTS, ...bug.around });
    try {
      const all = allPlans(reference.reference);
      const feared = all.filter(bug.fears);
      for (const plan of [undefined, ...feared, ...all.filter((each) => !feared.includes(each))]) {
        if (tried >= limit) return undefined;
        tried += 1;
        const [problem] = judge(story, await stage.perform(theatre, story, plan), reference);
        if (problem !== undefined) {
          const words = plan ? inWords(plan, reference.reference) : 'no fault at all';
          return { plan: `${name}: ${words}`, problem: problem.slice(0, 120), tried };
        }
      }
    } finally {
      await theatre.close();
    }
  }
  return undefined;
}

const HONEST_PARTS = { throughLiveness: <T>(liveness: T): T => liveness };

describe('a controller with a mistake in it', () => {
  let honest: Awaited<ReturnType<typeof references>> | undefined;
  const caught: string[] = [];
  afterAll(() => {
    if (process.env['CARNIVAL_TEST_TELL']) console.log(caught.join('\n'));
  });

  it('is told from one without, loaded in the same way', async () => {
    honest ??= await references();
    const control: PlantedBug = { name: 'none', source: '', stories: ['apply to completed'], fears: () => false };
    expect(await hunt(control, honest, 25)).toBeUndefined();
  }, 200_000);

  it.each(BUGS)(
    'that $name is caught',
    async (bug) => {
      honest ??= await references();
      const found = await hunt(bug, honest);
      caught.push(`- ${bug.name}: ${found ? `${found.plan} (plan ${found.tried}) ${found.problem}` : 'NOT CAUGHT'}`);
      expect(found).toBeDefined();
    },
    200_000,
  );
});
