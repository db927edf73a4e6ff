import { judge } from './oracle.ts';
import { type Performance, perform } from './performance.ts';
import { allPlans, inWords } from './plans.ts';
import { STORIES } from './stories.ts';
import { Theatre } from './theatre.ts';

/** What came of all plans of one story. */
export interface StoryReport {
  plans: number;
  /** Plans that changed something, and what. */
  wrong: string[];
  /** One line of the table in docs/reliability.md. */
  tally: string;
  /** By fault: how much longer than without it the story took at most, in seconds of its clock. */
  slowest: Record<string, number>;
}

/**
 * Performs one story under each plan whose words contain `only`, or each `everyNth` of them, and prints a StoryReport as JSON. A process of its own, so that stories
 * share the cores:
 *
 *     node test/faults/sieve/run-story.ts 'abort' 1 1 'crashAfter at write 4'
 */
async function run(name: string, seed: number, everyNth: number, only: string): Promise<StoryReport> {
  const story = STORIES.find((each) => each.name === name);
  if (!story) throw new Error(`no story ${JSON.stringify(name)}: ${STORIES.map((each) => each.name).join(', ')}`);
  const theatre = await Theatre.open(seed);
  const honest = await perform(theatre, story);
  const wrong = judge(story, honest, honest).map((problem) => `without a fault: ${problem}`);
  const wanted = allPlans(honest.reference).filter((plan) => inWords(plan, honest.reference).includes(only));
  const plans = wanted.filter((_, index) => (index + seed) % everyNth === 0);
  const slowest: Record<string, number> = {};
  for (const plan of plans) {
    const run = await perform(theatre, story, plan);
    const fault = `${plan.at}: ${typeof plan.fault === 'string' ? plan.fault : 'delay'}`;
    slowest[fault] = Math.max(slowest[fault] ?? 0, Math.round((run.tookMs - honest.tookMs) / 100) / 10);
    const problems = judge(story, run, honest);
    if (problems.length > 0) wrong.push(`${inWords(plan, honest.reference)}: ${problems.join('; ')}`);
  }
  await theatre.close();
  return { plans: plans.length, wrong, tally: tally(name, honest, plans.length), slowest };
}

function tally(name: string, { reference, statusWrites, tookMs }: Performance, plans: number): string {
  const { writes, orders, notifications, wakes } = reference;
  const counts = [writes, orders, notifications, wakes].map(({ length }) => length);
  return `| ${[name, ...counts, plans, statusWrites, `${(tookMs / 1000).toFixed(0)} s`].join(' | ')} |`;
}

const [name = '', seed = '1', everyNth = '1', only = ''] = process.argv.slice(2);
const report = await run(name, Number(seed), Number(everyNth), only);
process.stdout.write(`${JSON.stringify(report)}\n`, () => process.exit(0));
