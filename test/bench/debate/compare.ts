import type { DebateAssignment } from '@dark-carnival/crds';
import { holdRound } from '../../../agent/src/debate/hold-round.ts';
import type { RoundResult } from '../../../agent/src/debate/round.ts';
import { askEndpoint, type Endpoint, type Sampling } from './ask-endpoint.ts';
import { benchRound } from './bench-round.ts';
import { type BenchTask, MAX_TASKS, scorePlan } from './score-plan.ts';

/** What one task came to in both ways. */
export interface Pair {
  id: string;
  debate: { score: number; tokens: number; objections: number; answered: number };
  /** As many tries as the tokens of the debate pay for, at least one. `score` is their mean, `best` the best by the same checks. */
  single: { score: number; best: number; tokens: number; tries: number };
}

const roundOf = ({ directive }: BenchTask, mode: DebateAssignment['mode']): DebateAssignment =>
  benchRound({ directive, mode, maxTasks: MAX_TASKS }, 'bench');

/** Holds a debate, and then plans alone for as many tokens, input included, as the debate took. */
export async function compareTask(endpoint: Endpoint, task: BenchTask, signal: AbortSignal): Promise<Pair> {
  const debate = await hold(endpoint, roundOf(task, 'Debate'), { temperature: 0, seed: 1 }, signal);
  const scores: number[] = [];
  let tokens = 0;
  let last = 0;
  // Another try only where what is left pays for one like the last.
  for (let seed = 1; seed === 1 || tokens + last <= debate.tokens; seed += 1) {
    const sampling = { temperature: seed === 1 ? 0 : 0.8, seed };
    const single = await hold(endpoint, roundOf(task, 'Single'), sampling, signal);
    last = single.tokens;
    tokens += last;
    scores.push(scorePlan(task, single.result.plan));
  }
  const { dissent, plan } = debate.result;
  return {
    id: task.id,
    debate: {
      score: scorePlan(task, plan),
      tokens: debate.tokens,
      objections: dissent.length,
      answered: dissent.filter(({ response }) => response !== 'Unanswered').length,
    },
    single: { score: mean(scores), best: Math.max(...scores), tokens, tries: scores.length },
  };
}

export const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

async function hold(
  endpoint: Endpoint,
  assignment: DebateAssignment,
  sampling: Sampling,
  signal: AbortSignal,
): Promise<{ result: RoundResult; tokens: number }> {
  let tokens = 0;
  const result = await holdRound(assignment, {
    signal,
    emit: () => {},
    ask: async ({ request }) => {
      const answer = await askEndpoint(endpoint, request, sampling, signal);
      tokens += answer.inputTokens + answer.outputTokens;
      return answer;
    },
  });
  return { result, tokens };
}
