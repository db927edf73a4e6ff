import { z } from 'zod';
import { conditionsField, observedGenerationField } from '../meta/condition.ts';
import { digest, integer, list, money, objectName, oneOf, text, time, word } from '../schema/fields.ts';
import { SEATS } from './objective-spec.ts';

export const OBJECTIVE_PHASES = [
  'Pending',
  'Scheduled',
  'Debating',
  'AwaitingHuman',
  'Executing',
  'Improving',
  'Completed',
  'Failed',
  'Aborted',
  'Expired',
] as const;
export type ObjectivePhase = (typeof OBJECTIVE_PHASES)[number];

export const TASK_KINDS = ['File', 'Analysis', 'Command', 'Objective'] as const;
export type TaskKind = (typeof TASK_KINDS)[number];

export const TASK_STATES = ['Pending', 'Running', 'Succeeded', 'Failed', 'Skipped', 'Cancelled'] as const;
export type TaskState = (typeof TASK_STATES)[number];

/**
 * Why a debate that led to a plan ended, as the controller decides it. Consensus: the critic accepts, and no objection is a Blocker.
 * Repetition: the plan is that of the round before. Stall: it is nearly that. RoundsDone: as many rounds as asked for. BudgetShort: what is
 * left would not pay for another round like this one. Any other stopReason is the reason of a failure or an abort.
 */
export const DEBATE_STOP_REASONS = ['Consensus', 'Repetition', 'Stall', 'RoundsDone', 'BudgetShort'] as const;
export type DebateStopReason = (typeof DEBATE_STOP_REASONS)[number];

/** Bounds that the controller, the wagon and the schema share. */
export const OBJECTIVE_LIMITS = {
  maxFeedback: 5,
  maxRounds: 10,
  maxTurns: 30,
  maxDecisions: 32,
  excerpt: 256,
  taskMessage: 160,
  taskTitle: 120,
  dayProviders: 8,
  passedOver: 2,
} as const;

const seat = (description: string) => oneOf(description, SEATS);
const attempt = (description: string) => integer(description, 1, 1000);
const tokens = (description: string) => integer(description, 0, Number.MAX_SAFE_INTEGER);
const requestID = (description: string) => text(description, { min: 1, max: 64, pattern: /^[a-z0-9-]+$/ });
const taskID = (description: string) => text(description, { min: 1, max: 32, pattern: /^[a-z][a-z0-9-]*$/ });

/** Who stood before the one that answered, in fallback order, and why it did not: the first few, since status has only so much room. */
export const passedOverList = list(
  'passedOver are the first providers of the chain that did not answer, and why.',
  z.object({
    provider: objectName('provider that did not answer.'),
    reason: text('reason as in the conditions of its ModelProvider.', { min: 1, max: 24, pattern: /^[A-Z][A-Za-z]*$/ }),
  }),
  { max: OBJECTIVE_LIMITS.passedOver },
);
export type PassedOver = z.output<typeof passedOverList>;

const turn = z.object({
  round: integer('round of the turn.', 1, 10),
  seat: seat('seat that spoke.'),
  provider: objectName('provider that answered.').optional(),
  model: text('model that answered.', { max: 128, pattern: /^[\x20-\x7e]*$/ }).optional(),
  tokens: tokens('tokens used by the turn.'),
  estimatedTokens: tokens('estimatedTokens of these: no provider counted them.').optional(),
  costUSD: money('costUSD of the turn; absent where no provider that was asked has prices.').optional(),
  passedOver: passedOverList.optional(),
  sha256: digest('sha256 of the full text, which lies in the vault.').optional(),
  excerpt: text('excerpt is the beginning of the text, or why there is none.', { max: OBJECTIVE_LIMITS.excerpt }),
});

const debate = z
  .object({
    round: integer('round that runs or ran last; counts on through feedback and retries.', 0, 10),
    attempt: attempt('attempt at this round.').optional(),
    inputsDigest: digest('inputsDigest of the assignment, recorded before it is sent.').optional(),
    activeSeat: seat('activeSeat is who speaks now.').optional(),
    stopReason: word(
      'stopReason is why the debate ended: Consensus, Repetition, Stall, RoundsDone, BudgetShort, or the reason of a failure.',
    ).optional(),
    turns: list('turns of all rounds.', turn, { max: OBJECTIVE_LIMITS.maxTurns }).optional(),
  })
  .meta({ description: 'debate as far as it went; full text lies in the vault.' });

const plan = z
  .object({
    hash: digest('hash of the exact bytes in the ConfigMap.'),
    summary: text('summary of the plan, as the tactician wrote it.', { max: 512 }),
    configMapName: objectName('configMapName holds the plan under the key plan.json.'),
    taskCount: integer('taskCount of the plan.', 0, 50),
  })
  .meta({ description: 'plan that is or was asked about last.' });

const forecast = z
  .object({
    tokens: tokens('tokens that the tasks may use.'),
    costUSD: money('costUSD that the tasks may cost; absent where prices are unknown.').optional(),
  })
  .meta({ description: 'forecast of the execution: an upper estimate.' });

const approvalRequest = z
  .object({
    id: requestID('id of the request, which the intervention must carry.'),
    planHash: digest('planHash that the intervention must carry.'),
    requestedAt: time('requestedAt is when the question was put.'),
    expiresAt: time('expiresAt is when it lapses.').optional(),
    feedbackLeft: integer('feedbackLeft is how many more rounds can be asked for.', 0, OBJECTIVE_LIMITS.maxFeedback),
    forecast,
    dissent: list(
      'dissent is what the critic held against the plan, for whoever decides. The plan holds it in full.',
      text('one objection with its severity and how it was answered.', { max: 256 }),
      { max: 8 },
    ).optional(),
  })
  .meta({ description: 'approvalRequest is the open question; absent while none is open.' });

const decision = z.object({
  requestID: requestID('requestID that was answered.'),
  planHash: digest('planHash that was answered.'),
  decision: oneOf('decision that was taken.', ['Approve', 'Feedback', 'Abort']),
  decidedBy: text('decidedBy is who took it.', { max: 253, pattern: /^[\x20-\x7e]*$/ }),
  at: time('at is when the controller took it in.'),
  prevHash: digest('prevHash of the decision before: the list is a chain.'),
});

const artifact = z
  .object({
    wagonName: objectName('wagonName whose vault holds the file.'),
    file: text('file is <objective>/<path> in the vault.', { max: 255, pattern: /^[\x21-\x7e]+$/ }),
    sha256: digest('sha256 of the file.'),
    bytes: tokens('bytes of the file.'),
    state: oneOf('state of the file.', ['Available', 'Unreachable', 'Lost']),
  })
  .meta({ description: 'artifact that the task left.' });

const task = z.object({
  id: taskID('id of the task in the plan.'),
  title: text('title of the task.', { max: OBJECTIVE_LIMITS.taskTitle }),
  kind: oneOf('kind of the task.', TASK_KINDS),
  state: oneOf('state of the task.', TASK_STATES),
  wagonName: objectName('wagonName that works or worked on it.').optional(),
  attempt: attempt('attempt that runs or ran last.').optional(),
  inputsDigest: digest('inputsDigest of the assignment, recorded before it is sent.').optional(),
  provider: objectName('provider that answered.').optional(),
  model: text('model that answered.', { max: 128, pattern: /^[\x20-\x7e]*$/ }).optional(),
  tokens: tokens('tokens used by all attempts.').optional(),
  costUSD: money('costUSD of all attempts; absent where no provider that was asked has prices.').optional(),
  passedOver: passedOverList.optional(),
  artifact: artifact.optional(),
  message: text('message says why the task is in this state.', { max: OBJECTIVE_LIMITS.taskMessage }).optional(),
});

export const usageSchema = z
  .object({
    inputTokens: tokens('inputTokens of all calls.'),
    outputTokens: tokens('outputTokens of all calls.'),
    totalTokens: tokens('totalTokens of all calls.'),
    estimatedTokens: tokens(
      'estimatedTokens of totalTokens: no provider counted them, since a stream broke or a call timed out.',
    ).optional(),
    costUSD: money('costUSD of all calls whose provider has prices.').optional(),
    calls: tokens('calls to providers.'),
    unsettled: tokens('unsettled tokens: reserved for calls that were in flight at a crash.'),
    unsettledCostUSD: money('unsettledCostUSD that these may have cost; counts against budget.maxCostUSD.').optional(),
  })
  .meta({ description: 'usage as the providers counted it.' });

export const objectiveStatusSchema = z.object({
  conditions: conditionsField.optional(),
  observedGeneration: observedGenerationField.optional(),
  phase: oneOf('phase is where the Objective stands.', OBJECTIVE_PHASES).optional(),
  wagonName: objectName('wagonName that hosts the debate.').optional(),
  queue: z
    .object({ reason: word('reason why it waits.'), since: time('since when it waits.') })
    .meta({ description: 'queue is present while the Objective waits for a wagon.' })
    .optional(),
  debate: debate.optional(),
  plan: plan.optional(),
  approvalRequest: approvalRequest.optional(),
  decisions: list('decisions taken, oldest first, never dropped.', decision, {
    max: OBJECTIVE_LIMITS.maxDecisions,
  }).optional(),
  tasks: list('tasks of the approved plan.', task, { max: 50, type: 'map', keys: ['id'] }).optional(),
  taskSummary: text('taskSummary counts tasks done of all, such as 3/5.', {
    max: 16,
    pattern: /^\d+\/\d+$/,
  }).optional(),
  usage: usageSchema.optional(),
  spentToday: z
    .object({
      day: text('day (UTC) that the amounts are of.', { max: 10, pattern: /^\d{4}-\d{2}-\d{2}$/ }),
      providers: list(
        'providers that took money on that day; the dearest ones where there are more.',
        z.object({
          provider: text('provider that was paid.', { min: 1, max: 52, pattern: /^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/ }),
          costUSD: money('costUSD that it took.'),
        }),
        { max: OBJECTIVE_LIMITS.dayProviders, type: 'map', keys: ['provider'] },
      ),
    })
    .meta({
      description: "spentToday is this Objective's part of limits.maxCostUSDPerDay, settled on its last day of work.",
    })
    .optional(),
  retriesTaken: integer('retriesTaken is the spec.retry that the controller has acted on.', 0, 5).optional(),
  workedSeconds: integer(
    'workedSeconds counts the finished spans of work against maxDurationSeconds.',
    0,
    Number.MAX_SAFE_INTEGER,
  ).optional(),
  improvementRunRef: z
    .object({ name: objectName('name of the ImprovementRun.') })
    .meta({ description: 'improvementRunRef scores the results.' })
    .optional(),
  startTime: time('startTime is when a wagon was first assigned.').optional(),
  completionTime: time('completionTime is when the Objective ended.').optional(),
});
