import { z } from 'zod';
import { dissentListSchema, VERDICTS } from '../plan/dissent.ts';
import { planProposalSchema, planTaskSchema } from '../plan/plan.ts';
import { digest, integer, money, text, time, word } from '../schema/fields.ts';
import { SEATS } from '../v1alpha1/objective-spec.ts';
import { passedOverList, usageSchema } from '../v1alpha1/objective-status.ts';

/**
 * What the controller gives a wagon to do, and what the wagon answers. `PUT /api/jobs/{id}`, `GET /api/jobs/{id}`, `DELETE /api/jobs/{id}`,
 * `PUT /api/jobs/{id}/hold`.
 */

export const JOB_KINDS = ['debate', 'task'] as const;
export type JobKind = (typeof JOB_KINDS)[number];

export interface JobKey {
  uid: string;
  kind: JobKind;
  /** The round of a debate or the id of a task. */
  part: string;
  attempt: number;
}

const JOB_ID = /^([a-z0-9-]{1,64})\.(debate|task)\.([a-z0-9-]{1,32})\.([1-9][0-9]{0,3})$/;

/** `<uid>.<kind>.<round or task>.<attempt>`: says whose work it is, so a restarted controller finds it again. */
export const jobID = ({ uid, kind, part, attempt }: JobKey): string => `${uid}.${kind}.${part}.${attempt}`;

export function parseJobID(id: string): JobKey | undefined {
  const match = JOB_ID.exec(id);
  if (!match) return undefined;
  const [, uid, kind, part, attempt] = match;
  if (uid === undefined || part === undefined) return undefined;
  return { uid, kind: kind === 'task' ? 'task' : 'debate', part, attempt: Number(attempt) };
}

export const objectiveRefSchema = z.object({
  namespace: text('namespace of the Objective.', { min: 1, max: 63, pattern: /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/ }),
  name: text('name of the Objective.', { min: 1, max: 63, pattern: /^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/ }),
  uid: text('uid of the Objective.', { min: 1, max: 64, pattern: /^[a-z0-9-]+$/ }),
});
export type ObjectiveRef = z.output<typeof objectiveRefSchema>;

/** What the assignment may spend. The wagon reserves within it before each call. */
const grant = z.object({
  tokens: integer('tokens that may be used.', 0, Number.MAX_SAFE_INTEGER).optional(),
  costUSD: money('cost that may be caused.').optional(),
});

/** Who may answer, in fallback order. `rehearsal` is built into every wagon. */
const chain = z.object({
  providers: z
    .array(text('name of a ModelProvider.', { min: 1, max: 63 }))
    .min(1)
    .max(12),
  /** Who else stands in the chain and is not to be asked now, with the place in it, so that it can be told who answered for whom. */
  leftOut: z
    .array(
      z.object({
        provider: text('name of a ModelProvider.', { min: 1, max: 63 }),
        reason: word('reason.'),
        at: integer('place in the chain, from 0.', 0, 11),
      }),
    )
    .max(12)
    .optional(),
  /** Model of the first provider, instead of its own. */
  model: text('model.', { min: 1, max: 128 }).optional(),
  maxTokens: integer('maxTokens of one answer.', 16, 1_000_000),
});
export type ProviderChain = z.output<typeof chain>;

const namedText = z.object({ name: text('name.', { min: 1, max: 253 }), text: text('text.', { max: 1_048_576 }) });

/** One contribution to a debate, whole. */
export const turnSchema = z.object({
  round: integer('round.', 1, 10),
  seat: z.enum(SEATS),
  outcome: z.enum(['Answered', 'Failed']),
  provider: text('provider that answered.', { max: 63 }).optional(),
  model: text('model that answered.', { max: 128 }).optional(),
  text: text('text of the answer, or why there is none.', { max: 262_144 }),
  sha256: digest('sha256 of text.'),
  inputTokens: integer('inputTokens.', 0, Number.MAX_SAFE_INTEGER),
  outputTokens: integer('outputTokens.', 0, Number.MAX_SAFE_INTEGER),
  /** Of both counts together: what no provider counted, since a stream broke or a call timed out. */
  estimatedTokens: integer('estimatedTokens.', 0, Number.MAX_SAFE_INTEGER).optional(),
  costUSD: money('costUSD; absent where no provider that was asked has prices.').optional(),
  passedOver: passedOverList.optional(),
});
export type Turn = z.output<typeof turnSchema>;

const debateAssignment = z.object({
  round: integer('round to hold.', 1, 10),
  mode: z.enum(['Debate', 'Single']),
  directive: text('directive.', { min: 1, max: 16_384 }),
  seats: z.object({ visionary: chain, critic: chain, tactician: chain }),
  turnTimeoutSeconds: integer('turnTimeoutSeconds.', 5, 3600),
  maxTasks: integer('maxTasks of the plan.', 1, 50),
  /** Every feedback given so far, oldest first; the last one is what this round must answer. */
  feedback: z.array(text('feedback.', { min: 1, max: 16_384 })).max(5),
  /** Turns of the rounds before, so that any wagon can go on. */
  history: z.array(turnSchema).max(30),
  /** Turns of this round that an earlier attempt finished: they are not asked for again. */
  resume: z.array(turnSchema).max(3),
  context: z.array(namedText).max(16),
  skills: z.array(text('skill.', { max: 64 })).max(32),
});
export type DebateAssignment = z.output<typeof debateAssignment>;

const taskAssignment = z.object({
  task: planTaskSchema,
  planHash: digest('planHash of the approved plan.'),
  directive: text('directive.', { min: 1, max: 16_384 }),
  planSummary: text('planSummary.', { max: 512 }),
  chain,
  timeoutSeconds: integer('timeoutSeconds.', 10, 86_400),
  /** What the tasks before left: read from the vault by file and sha256 where the wagon has it, else the excerpt is all there is. */
  dependencies: z
    .array(
      z.object({
        id: text('id.', { max: 32 }),
        title: text('title.', { max: 120 }),
        file: text('file.', { max: 255 }),
        sha256: digest('sha256.'),
      }),
    )
    .max(50),
  context: z.array(namedText).max(16),
  skills: z.array(text('skill.', { max: 64 })).max(32),
});
export type TaskAssignment = z.output<typeof taskAssignment>;

export const assignmentSchema = z
  .object({
    id: text('id of the job.', { min: 1, max: 120, pattern: JOB_ID }),
    objective: objectiveRefSchema,
    /** Number of leader changes: a wagon refuses one lower than it has seen, so a leader that was replaced cannot give orders. */
    leaderEpoch: integer('leaderEpoch.', 0, Number.MAX_SAFE_INTEGER),
    /** Over the canonical JSON of everything but id, leaderEpoch, afresh and itself; recorded in status before the assignment is sent. */
    inputsDigest: digest('inputsDigest.'),
    grant,
    /** The answers of the attempt before were refused: they are not to be handed out again. Of the messenger, as leaderEpoch: not part of the digest. */
    afresh: z.literal(true).optional(),
    debate: debateAssignment.optional(),
    task: taskAssignment.optional(),
  })
  .refine((job) => (job.debate === undefined) !== (job.task === undefined), {
    message: 'exactly one of debate and task',
  });
export type Assignment = z.output<typeof assignmentSchema>;

/**
 * `PUT /api/jobs/{id}/hold`: while a job is held no call of it begins; one in flight finishes. Safe to repeat. An id that has not come yet is answered
 * with 404 and remembered, so that an assignment which is late comes in held.
 */
export const holdRequestSchema = z.strictObject({
  held: z.boolean(),
  leaderEpoch: integer('leaderEpoch.', 0, Number.MAX_SAFE_INTEGER),
});
export type HoldRequest = z.output<typeof holdRequestSchema>;

export const JOB_STATES = ['Accepted', 'Running', 'Succeeded', 'Failed', 'Cancelled'] as const;
export type JobState = (typeof JOB_STATES)[number];
export const isJobDone = (state: JobState): boolean =>
  state === 'Succeeded' || state === 'Failed' || state === 'Cancelled';

/** Why a job failed. Retryable means that another attempt may well succeed without anybody changing anything. */
export const JOB_FAILURES = {
  /** No provider of the chain could answer. */
  ProviderUnavailable: { retryable: true },
  /** The key was refused everywhere. */
  Unauthorized: { retryable: false },
  /** The plan was still invalid after two more askings. */
  PlanInvalid: { retryable: true },
  /** The answer was empty, cut off or refused. */
  AnswerUnusable: { retryable: true },
  /** The acceptance check of the task did not pass. */
  NotAccepted: { retryable: true },
  /** The grant does not cover the next call. */
  BudgetExhausted: { retryable: false },
  /** The deadline passed. */
  Timeout: { retryable: true },
  /** The vault could not be written: full, read-only, or the path leads outside. */
  VaultUnwritable: { retryable: true },
  /** Something else: the message says what. */
  Internal: { retryable: true },
} as const;
export type JobFailureReason = keyof typeof JOB_FAILURES;

/** No wagon is granted more providers. */
export const MAX_TAKERS = 32;

export const jobStatusSchema = z.object({
  id: text('id.', { min: 1, max: 120 }),
  inputsDigest: digest('inputsDigest of the assignment that the wagon holds.'),
  state: z.enum(JOB_STATES),
  /** True while it is held, and until it goes on afterwards: a slot may have to become free first. */
  held: z.boolean().optional(),
  reason: word('reason of a failure, see JOB_FAILURES.').optional(),
  message: text('message for people.', { max: 1024 }).optional(),
  startedAt: time('startedAt.').optional(),
  finishedAt: time('finishedAt.').optional(),
  usage: usageSchema,
  /** What of `usage.costUSD` each provider took. */
  takenBy: z
    .array(z.object({ provider: text('provider.', { min: 1, max: 63 }), costUSD: money('costUSD.') }))
    .max(MAX_TAKERS)
    .optional(),
  debate: z
    .object({
      activeSeat: z.enum(SEATS).optional(),
      turns: z.array(turnSchema).max(3),
      plan: planProposalSchema.optional(),
      /** Of the critic; absent where none was heard. */
      verdict: z.enum(VERDICTS).optional(),
      /** The critic's objections with the tactician's answers, or that there was no critic to hear. */
      dissent: dissentListSchema,
      /** What was mended in the plan without asking again, in words. */
      repairs: z
        .array(text('repair.', { max: 256 }))
        .max(16)
        .optional(),
    })
    .optional(),
  task: z
    .object({
      provider: text('provider.', { max: 63 }).optional(),
      model: text('model.', { max: 128 }).optional(),
      passedOver: passedOverList.optional(),
      artifact: z
        .object({
          file: text('file: <objective>/<path>.', { min: 1, max: 255 }),
          sha256: digest('sha256.'),
          bytes: integer('bytes.', 0, Number.MAX_SAFE_INTEGER),
        })
        .optional(),
      excerpt: text('excerpt.', { max: 256 }).optional(),
    })
    .optional(),
});
export type JobStatus = z.output<typeof jobStatusSchema>;
