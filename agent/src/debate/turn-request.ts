import type { DebateAssignment, Objection, Seat, Turn } from '@dark-carnival/crds';
import type { CompletionRequest, TurnPurpose } from '../providers/provider.ts';
import { criticSchemaFor } from './critic-schema.ts';
import { critiqueFromTurn, critiqueText } from './critique.ts';
import { fence } from './fence.ts';
import { type PlanSchemaOptions, planSchemaFor } from './plan-schema.ts';
import { systemPrompt } from './prompt-files.ts';

/** Code points of each kind of material that a prompt holds at most. The newest matters most: of earlier rounds only the last is shown. */
const SHOWN = { directive: 16_384, context: 24_000, plan: 8000, objections: 5000, turn: 8000, feedback: 4000 } as const;

/** Asks one seat for its turn. A pure function of assignment and turns, so a restarted round asks the same again. */
export function turnRequest(seat: Seat, assignment: DebateAssignment, turns: readonly Turn[]): CompletionRequest {
  const { maxTokens } = assignment.seats[seat];
  const { maxTasks } = assignment;
  const material = [...sharedMaterial(assignment), ...thisRound(turns)];
  return {
    system: systemPrompt(seat),
    // What all seats share stands first: providers cache by prefix.
    messages: [{ role: 'user', content: [...material, askFor(seat, assignment)].join('\n\n') }],
    maxTokens,
    ...schemaFor(seat, { maxTasks, maxTokens, objections: objectionsOf(turns).map(({ id }) => id) }),
    purpose: purposeOf(seat, assignment, turns),
  };
}

/** What the critic of this round objects, as the tactician is told it. */
export function objectionsOf(turns: readonly Turn[]): Objection[] {
  const critic = turns.find(({ seat, outcome }) => seat === 'critic' && outcome === 'Answered');
  return critic ? critiqueFromTurn(critic.text).objections : [];
}

function schemaFor(seat: Seat, options: PlanSchemaOptions): Pick<CompletionRequest, 'schema'> {
  if (seat === 'visionary') return {};
  return {
    schema: seat === 'tactician' ? planSchemaOf(options) : { name: 'critique', schema: criticSchemaFor(options) },
  };
}

/** The plan's schema as a request carries it. */
export const planSchemaOf = (options: PlanSchemaOptions) => ({ name: 'plan', schema: planSchemaFor(options) });

function sharedMaterial({ directive, context, history, feedback }: DebateAssignment): string[] {
  const share = Math.floor(SHOWN.context / Math.max(1, context.length));
  const lastRound = Math.max(0, ...history.map((turn) => turn.round));
  const said = (seat: Seat) =>
    history.find((turn) => turn.round === lastRound && turn.seat === seat && turn.outcome === 'Answered');
  const lastPlan = said('tactician');
  const lastCritic = said('critic');
  const lastFeedback = feedback.at(-1);
  return [
    fence('DIRECTIVE', directive, SHOWN.directive),
    ...context.map(({ name, text }) => fence('CONTEXT', `${name}\n\n${text}`, share)),
    ...(lastPlan ? [fence('LAST-PLAN', lastPlan.text, SHOWN.plan)] : []),
    ...(lastCritic
      ? [fence('LAST-OBJECTIONS', critiqueText(critiqueFromTurn(lastCritic.text)), SHOWN.objections)]
      : []),
    ...feedback.slice(0, -1).map((words) => fence('EARLIER-FEEDBACK', words, SHOWN.feedback)),
    ...(lastFeedback === undefined ? [] : [fence('FEEDBACK', lastFeedback, SHOWN.feedback)]),
  ];
}

const thisRound = (turns: readonly Turn[]): string[] =>
  turns
    .filter((turn) => turn.outcome === 'Answered' && turn.seat !== 'tactician')
    .map(({ seat, text }) => {
      const words = seat === 'critic' ? critiqueText(critiqueFromTurn(text)) : text;
      return fence(seat.toUpperCase(), words, SHOWN.turn);
    });

function askFor(seat: Seat, { feedback, maxTasks, seats, mode }: DebateAssignment): string {
  const words = wordsFor(seats[seat].maxTokens);
  const heard = feedback.length > 0 ? ' The FEEDBACK comes first.' : '';
  switch (seat) {
    case 'visionary':
      return `Draft the result now, in at most ${words} words.${heard}`;
    case 'critic':
      return `Give your verdict and objections now, in at most ${words} words.${heard}`;
    case 'tactician':
      return [
        `Make the plan now: at most ${maxTasks} ${maxTasks === 1 ? 'task' : 'tasks'}, the whole answer in at most ${words} words.${heard}`,
        ...(mode === 'Single' ? ['There was no debate: weigh what could go wrong yourself.'] : []),
      ].join(' ');
  }
}

/** About how many words fit into a number of tokens, with room to end well. */
const wordsFor = (maxTokens: number): number => Math.max(10, Math.round((maxTokens * 0.6) / 10) * 10);

function purposeOf(
  seat: Seat,
  { round, directive, feedback, maxTasks }: DebateAssignment,
  turns: readonly Turn[],
): TurnPurpose {
  const earlier = turns
    .filter((turn) => turn.outcome === 'Answered')
    .map((turn) => ({ seat: turn.seat, text: turn.text }));
  return { kind: 'turn', seat, round, directive, feedback, maxTasks, earlier };
}
