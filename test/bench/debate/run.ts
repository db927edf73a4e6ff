import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { compareTask, mean, type Pair } from './compare.ts';
import { interval } from './confidence.ts';

/*
 * `npm run bench:debate`: does a debate make better plans than the same tokens spent on planning alone? Says what it finds, whatever that is. Takes any endpoint that
 * speaks the OpenAI API: DEBATE_BENCH_URL (…/v1), DEBATE_BENCH_KEY, DEBATE_BENCH_MODEL, else SMALL_MODEL_URL and SMALL_MODEL_KEY. Stops after DEBATE_BENCH_SECONDS (660)
 * with the tasks that are done.
 */
const environment = z.object({
  url: z.url({ protocol: /^https?$/ }),
  key: z.string().min(1),
  model: z.string().min(1),
  seconds: z.coerce.number().positive(),
});
const { env } = process;
const given = environment.safeParse({
  url: env['DEBATE_BENCH_URL'] ?? env['SMALL_MODEL_URL'],
  key: env['DEBATE_BENCH_KEY'] ?? env['SMALL_MODEL_KEY'],
  model: env['DEBATE_BENCH_MODEL'] ?? 'smollm2',
  seconds: env['DEBATE_BENCH_SECONDS'] ?? 660,
});
if (!given.success) {
  console.error(
    'bench:debate: set DEBATE_BENCH_URL (…/v1), DEBATE_BENCH_KEY and DEBATE_BENCH_MODEL, or SMALL_MODEL_URL and SMALL_MODEL_KEY',
  );
  process.exit(2);
}

const taskSchema = z.object({
  id: z.string(),
  directive: z.string(),
  checks: z.array(
    z.union([
      z.strictObject({ mentions: z.string() }),
      z.strictObject({ avoids: z.string() }),
      z.strictObject({ path: z.string() }),
    ]),
  ),
});
const tasks = z.array(taskSchema).parse(JSON.parse(readFileSync(new URL('./tasks.json', import.meta.url), 'utf8')));

const { url, key, model, seconds } = given.data;
const signal = AbortSignal.timeout(seconds * 1000);
const pairs: Pair[] = [];
console.log(`model ${model}; ${tasks.length} tasks; scores are shares of checks passed\n`);
console.log(
  '| task | Debate | tokens | answered | Single, mean | best | tries | tokens |\n|---|---|---|---|---|---|---|---|',
);
for (const task of tasks) {
  try {
    const pair = await compareTask({ url: url.replace(/\/$/, ''), key, model }, task, signal);
    pairs.push(pair);
    console.log(row(pair));
  } catch (error) {
    if (!signal.aborted) throw error;
    console.log(`\nstopped after ${seconds} s with ${pairs.length} of ${tasks.length} tasks done`);
    break;
  }
}
if (pairs.length > 0) console.log(`\n${findings(pairs)}`);

function row({ id, debate, single }: Pair): string {
  const cells = [
    id,
    percent(debate.score),
    debate.tokens,
    `${debate.answered}/${debate.objections}`,
    percent(single.score),
    percent(single.best),
    single.tries,
    single.tokens,
  ];
  return `| ${cells.join(' | ')} |`;
}

/** What follows from the pairs, in words that claim no more than the interval allows. */
function findings(done: readonly Pair[]): string {
  const against = (other: 'score' | 'best', name: string) => {
    const differences = done.map(({ debate, single }) => debate.score - single[other]);
    const [low, high] = interval(differences);
    const wins = differences.filter((difference) => difference > 0).length;
    const losses = differences.filter((difference) => difference < 0).length;
    const verdict = low > 0 ? 'Debate is better' : high < 0 ? 'Debate is worse' : 'no difference can be told';
    return `Debate against ${name}: ${points(mean(differences))} points (95 % interval ${points(low)} to ${points(high)}, n = ${done.length}); better in ${wins}, worse in ${losses}, equal in ${done.length - wins - losses}: ${verdict}.`;
  };
  const total = (of: (pair: Pair) => number) => done.reduce((sum, pair) => sum + of(pair), 0);
  return [
    `Mean score: Debate ${percent(mean(done.map(({ debate }) => debate.score)))}, Single ${percent(mean(done.map(({ single }) => single.score)))}. Tokens: Debate ${total(({ debate }) => debate.tokens)}, Single ${total(({ single }) => single.tokens)} in ${total(({ single }) => single.tries)} tries.`,
    against('score', 'the mean of Single'),
    against('best', 'the best of Single, chosen by these very checks'),
  ].join('\n');
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}

function points(difference: number): string {
  return `${difference >= 0 ? '+' : ''}${(difference * 100).toFixed(1)}`;
}
