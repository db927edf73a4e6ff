import type { DebateAssignment } from '@dark-carnival/crds';
import type { Completion } from '../../providers/provider.ts';
import { ProviderError, type ProviderErrorKind } from '../../providers/provider-error.ts';
import { holdRound } from '../hold-round.ts';
import type { AskStep, DebateEvent, RoundResult } from '../round.ts';

const chain = (name: string) => ({ providers: [name], maxTokens: 1000 });
/** A round that is to be held. */
export const anAssignment = (more: Partial<DebateAssignment> = {}): DebateAssignment => ({
  round: 1,
  mode: 'Debate',
  directive: 'Plan a tide chart for a small harbour',
  seats: { visionary: chain('kimi'), critic: chain('mistral'), tactician: chain('deepseek') },
  turnTimeoutSeconds: 30,
  maxTasks: 4,
  feedback: [],
  history: [],
  resume: [],
  context: [],
  skills: [],
  ...more,
});

/** What a model answers: prose, a plan, a whole completion, or a failure. */
export type Answer = string | object | Partial<Completion> | Error;
/** The smallest valid plan, in slots. */
export const plan = {
  summary: 'A brief.',
  tasks: { t1: { title: 'Brief', kind: 'File', path: 'docs/brief.md', instruction: 'Write one page.' } },
};
const completion = (answer: Partial<Completion>): Completion => ({
  text: '',
  provider: 'kimi',
  model: 'kimi-k2.6',
  inputTokens: 10,
  outputTokens: 5,
  finishReason: 'stop',
  usageEstimated: false,
  rehearsal: false,
  spent: { inputTokens: 10, outputTokens: 5, calls: 1 },
  ...answer,
});
export const down = (kind: ProviderErrorKind = 'unreachable') =>
  new ProviderError(kind, `kimi is ${kind}`, {
    provider: 'kimi',
    spent: { inputTokens: 3, outputTokens: 0, calls: 1 },
  });

/** What a critic says of whom nothing else is told. */
const CRITIC = 'VERDICT: Reject\n- [Major] Something.';

/** Holds a round in which each step is answered by its key, or by its seat. */
export async function hold(assignment: DebateAssignment, answers: Record<string, Answer>) {
  const steps: AskStep[] = [];
  const events: DebateEvent[] = [];
  const controller = new AbortController();
  const result: RoundResult = await holdRound(assignment, {
    signal: controller.signal,
    emit: (event) => events.push(event),
    ask: async (step) => {
      steps.push(step);
      const seat = step.key.split('.')[1] ?? '';
      const answer = answers[step.key] ?? answers[seat] ?? (seat === 'critic' ? CRITIC : 'Something.');
      if (answer instanceof Error) throw answer;
      if (typeof answer === 'string') return completion({ text: answer });
      if ('tasks' in answer) return completion({ text: JSON.stringify(answer), json: answer });
      return completion(answer);
    },
  });
  return {
    result,
    steps,
    events,
    promptOf: (key: string) =>
      steps
        .find((step) => step.key === key)
        ?.request.messages.map(({ content }) => content)
        .join('\n') ?? '',
  };
}
