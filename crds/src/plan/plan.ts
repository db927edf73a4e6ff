import { z } from 'zod';
import { digest, integer, list, money, objectName, oneOf, text } from '../schema/fields.ts';
import { OBJECTIVE_LIMITS, TASK_KINDS } from '../v1alpha1/objective-status.ts';
import { dissentListSchema } from './dissent.ts';

/** How a finished task is checked. NonEmpty is the floor; the others make it stricter. */
export const ACCEPTANCE_TYPES = ['NonEmpty', 'Contains', 'ValidJSON'] as const;

const acceptance = z.object({
  type: oneOf('type of the check.', ACCEPTANCE_TYPES),
  value: text('value that the result must contain, for type Contains.', { min: 1, max: 200 }).optional(),
});

/** A path inside an Objective's folder of the vault. ASCII, so that no two spellings of one name exist; no leading dot, so hidden folders stay ours. */
export const PATH_PATTERN = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}(\/[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}){0,7}$/;
export const MAX_PATH = 180;

const taskID = text('id of the task: t1, t2, …', { min: 1, max: 32, pattern: /^[a-z][a-z0-9-]*$/ });

/** One task, as the tactician proposes it and as the plan holds it. */
export const planTaskSchema = z.object({
  id: taskID,
  title: text('title of the task.', { min: 1, max: OBJECTIVE_LIMITS.taskTitle }),
  kind: oneOf('kind of the task.', TASK_KINDS),
  instruction: text('instruction in full, for whoever does the task.', { min: 1, max: 8192 }),
  path: text('path of the file that the task leaves, relative to the Objective.', { min: 1, max: MAX_PATH }).optional(),
  acceptance: acceptance.prefault({ type: 'NonEmpty' }),
  role: text('role of the wagon that should do it.', { min: 1, max: 63 }).optional(),
  risk: oneOf('risk of the task.', ['Low', 'Medium', 'High']).default('Low'),
  dependsOn: list('dependsOn lists the ids of tasks that come first.', taskID, { max: 50 }).default([]),
});
export type PlanTask = z.output<typeof planTaskSchema>;

/** What a wagon hands back from a debate: untrusted until `checkPlan` finds nothing. */
export const planProposalSchema = z.object({
  summary: text('summary of the plan.', { min: 1, max: 512 }),
  tasks: list('tasks of the plan.', planTaskSchema, { min: 1, max: 50 }),
});
export type PlanProposal = z.output<typeof planProposalSchema>;

/** How the tasks will be run: resolved when the plan is made, so that the approval covers it. */
export const executionPolicySchema = z.object({
  providers: list('providers in fallback order.', objectName('name of a ModelProvider.'), { min: 1, max: 12 }),
  model: text('model of the first provider, instead of its own.', { max: 128 }).optional(),
  maxTokens: integer('maxTokens of one answer.', 16, 1_000_000),
  parallelism: integer('parallelism of the tasks.', 1, 16),
  taskTimeoutSeconds: integer('taskTimeoutSeconds of one task.', 10, 86_400),
  retries: integer('retries of a failed task.', 0, 5),
});
export type ExecutionPolicy = z.output<typeof executionPolicySchema>;

/** The plan that goes to the gate. Its canonical JSON is stored in a ConfigMap, and its hash is over exactly those bytes. */
export const planSchema = planProposalSchema.extend({
  apiVersion: z.literal('darkcarnival.dev/v1alpha1'),
  kind: z.literal('Plan'),
  number: integer('number of the plan, from 1, the same as in the request id.', 1, 1000),
  objective: z.object({
    namespace: text('namespace.', { max: 63 }),
    name: text('name.', { max: 63 }),
    uid: text('uid.', { max: 64 }),
  }),
  execution: executionPolicySchema,
  inputs: z.object({ contextDigest: digest('digest of the context.'), skillsDigest: digest('digest of the skills.') }),
  forecast: z.object({
    tokens: integer('tokens at most.', 0, Number.MAX_SAFE_INTEGER),
    costUSD: money('cost at most; absent where the price of somebody who may answer is unknown.').optional(),
    /** Names of those. */
    unpriced: z
      .array(text('provider.', { min: 1, max: 63 }))
      .max(12)
      .optional(),
    /** Day of the catalogue, where its prices are part of the sum. */
    pricesAsOf: text('day.', { max: 10, pattern: /^\d{4}-\d{2}-\d{2}$/ }).optional(),
  }),
  /** So that who approves the hash approves the plan with what was held against it. Absent where nobody objected. */
  dissent: dissentListSchema.optional(),
});
export type Plan = z.output<typeof planSchema>;

/** Key of the plan in its ConfigMap, and the largest plan that is stored (bytes). */
export const PLAN_KEY = 'plan.json';
export const MAX_PLAN_BYTES = 262_144;

export const planConfigMapName = (objectiveName: string, number: number): string => `${objectiveName}-plan-${number}`;
export const roundConfigMapName = (objectiveName: string, round: number): string => `${objectiveName}-round-${round}`;
export const approvalRequestID = (uid: string, number: number): string => `${uid}-${number}`;

export const PLAN_ISSUE_CODES = [
  'Malformed',
  'TooManyTasks',
  'DuplicateID',
  'UnknownDependency',
  'Cycle',
  'UnsafePath',
  'PathCollision',
  'MissingPath',
  'KindNotInstalled',
  'MissingAcceptanceValue',
] as const;
export type PlanIssueCode = (typeof PLAN_ISSUE_CODES)[number];

/** Why a plan is refused. `code` is for machines, `path` points at the place, `message` is shown to people and to the model that is asked again. */
export interface PlanIssue {
  code: PlanIssueCode;
  path: string;
  message: string;
}
