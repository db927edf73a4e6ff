import { readFileSync } from 'node:fs';
import { systemClock } from '@dark-carnival/crds/clock';
import { holdRound } from '../../agent/src/debate/hold-round.ts';
import { createLLMFactory } from '../../agent/src/providers/index.ts';
import { benchRound } from './debate/bench-round.ts';
import type { Row } from './measure.ts';

const MINUTES = 5;
const MODES = ['Debate', 'Single'] as const;

interface Outcome {
  tokens: number;
  isAccepted: boolean;
}

/**
 * How many tokens a plan costs that passes every check before the gate, with a real model behind SMALL_MODEL_URL, through the wagon's own providers. Goals of
 * `npm run bench:debate`, both modes of each, as many as five minutes allow. Says so where there is no model.
 */
export async function benchTokensPerPlan(): Promise<{ rows: Row[]; note: string }> {
  const { SMALL_MODEL_URL: endpoint, SMALL_MODEL_KEY: apiKey = 'k' } = process.env;
  if (endpoint === undefined) return { rows: [], note: 'Not measured: SMALL_MODEL_URL names no model.' };
  const goals = JSON.parse(readFileSync(new URL('./debate/tasks.json', import.meta.url), 'utf8')) as {
    directive: string;
  }[];
  const quiet = { debug: () => undefined, info: () => undefined, warn: () => undefined };
  const factory = createLLMFactory({ clock: systemClock, random: Math.random, logger: quiet });
  const place = { name: 'small', type: 'OpenAICompatible', model: 'smollm2', probeIntervalSeconds: 300 } as const;
  factory.setProviders({ providers: [{ ...place, endpoint, apiKey }], digest: `sha256:${'0'.repeat(64)}` });
  const ending = AbortSignal.timeout(MINUTES * 60_000);
  const outcomes = { Debate: [] as Outcome[], Single: [] as Outcome[] };
  try {
    for (const { directive } of goals) {
      for (const mode of MODES) {
        const result = await holdRound(benchRound({ directive, mode, maxTasks: 2 }, 'small'), {
          ask: ({ chain, request, deadlineMs, onDelta, onStart }) =>
            factory.complete(chain, request, { deadlineMs, signal: ending, onDelta, onStart }),
          emit: () => undefined,
          signal: ending,
        });
        const tokens = result.turns.reduce((sum, turn) => sum + turn.inputTokens + turn.outputTokens, 0);
        outcomes[mode].push({ tokens, isAccepted: result.plan !== undefined });
      }
    }
  } catch (error) {
    if (!ending.aborted) throw error;
  } finally {
    await factory.close();
  }
  return {
    rows: MODES.flatMap((mode) => rowsOf(mode, outcomes[mode])),
    note: 'A model of 135 million parameters: what a real one needs is for you to measure.',
  };
}

function rowsOf(mode: string, outcomes: readonly Outcome[]): Row[] {
  const accepted = outcomes.filter(({ isAccepted }) => isAccepted).length;
  const tokens = outcomes.reduce((sum, outcome) => sum + outcome.tokens, 0);
  return [
    {
      name: `${mode}, tokens per accepted plan`,
      unit: 'tokens',
      runs: accepted === 0 ? [] : [Math.round(tokens / accepted)],
      note: 'all tokens, also of those without a plan, by plans that may go to the gate',
    },
    {
      name: `${mode}, goals with a plan`,
      unit: `of ${outcomes.length}`,
      runs: [accepted],
      note: 'answers of at most 80, 120 and 400 tokens, at most two tasks',
    },
  ];
}
