import { z } from 'zod';
import { digest, integer, list, MUTABLE, money, objectName, oneOf, text, VALIDATIONS } from '../schema/fields.ts';
import { OBJECTIVE_SPEC_RULES } from './objective-gate.ts';

/** The seats of a debate, in the order in which they speak. */
export const SEATS = ['visionary', 'critic', 'tactician'] as const;
export type Seat = (typeof SEATS)[number];

const providers = (description: string) => list(description, objectName('name of a ModelProvider.'), { max: 12 });
const model = (description: string) => text(description, { min: 1, max: 128 });
const maxTokens = (description: string) => integer(description, 16, 1_000_000);

const seat = (name: string) =>
  z
    .object({
      providers: providers('providers are ModelProviders in fallback order; absent: the default chain.').optional(),
      model: model('model of the first provider, instead of its own.').optional(),
      maxTokens: maxTokens('maxTokens of one answer.').optional(),
    })
    .meta({ description: `${name} seat of the debate.` })
    .optional();

const debate = z
  .object({
    mode: oneOf('mode: Debate hears three seats; Single asks the tactician alone.', ['Debate', 'Single']).default(
      'Debate',
    ),
    rounds: integer('rounds of visionary, critic, tactician before the plan is asked about.', 1, 5).default(1),
    turnTimeoutSeconds: integer('turnTimeoutSeconds for one contribution.', 5, 3600).default(300),
    seats: z
      .object({ visionary: seat('visionary'), critic: seat('critic'), tactician: seat('tactician') })
      .meta({ description: 'seats may each have their own model.' })
      .prefault({}),
  })
  .meta({ description: 'debate says how the plan is found.' });

const approval = z
  .object({
    mode: oneOf('mode: Manual waits for a person; Auto approves the first valid plan.', ['Manual', 'Auto']).default(
      'Manual',
    ),
    timeoutSeconds: integer(
      'timeoutSeconds after which an unanswered request expires; absent: never.',
      10,
      31_536_000,
    ).optional(),
    separationOfDuties: oneOf('separationOfDuties: Required refuses a decision by the requester.', [
      'Required',
      'NotRequired',
    ]).default('NotRequired'),
    children: oneOf('children: Ask about each child plan, or let those WithinEnvelope of the approved one pass.', [
      'Ask',
      'WithinEnvelope',
    ]).default('Ask'),
  })
  .meta({ description: 'approval is the gate between plan and execution.' });

const execution = z
  .object({
    providers: providers("providers for the tasks; absent: the visionary's chain.").optional(),
    model: model('model of the first provider, instead of its own.').optional(),
    maxTokens: maxTokens('maxTokens of one task answer.').optional(),
    maxTasks: integer('maxTasks that a plan may have.', 1, 50).default(20),
    parallelism: integer('parallelism is how many tasks run at once.', 1, 16).default(4),
    taskTimeoutSeconds: integer('taskTimeoutSeconds for one task.', 10, 86_400).default(600),
    retries: integer('retries of a failed task.', 0, 5).default(1),
    sandbox: oneOf('sandbox: Required refuses commands where no sandbox is to be had.', [
      'Required',
      'NotRequired',
    ]).default('Required'),
  })
  .meta({ description: 'execution bounds the work.' });

const budget = z
  .object({
    maxTokens: integer('maxTokens that all calls together may use.', 1, 1_000_000_000_000).optional(),
    maxCostUSD: money('maxCostUSD that all calls together may cost.').optional(),
    maxDurationSeconds: integer(
      'maxDurationSeconds of work, without the time spent waiting for a person or paused.',
      1,
      31_536_000,
    ).optional(),
  })
  .meta({ description: 'budget of the run; a limit may grow or be removed.', [MUTABLE]: true });

const selector = z
  .object({
    matchLabels: z
      .record(z.string(), text('value of one label.', { max: 63 }))
      .meta({ description: 'matchLabels that the wagon must carry.', maxProperties: 16 })
      .optional(),
    matchExpressions: list(
      'matchExpressions that the wagon must fulfil.',
      z.object({
        key: text('key of the label.', { min: 1, max: 317 }),
        operator: oneOf('operator of the expression.', ['In', 'NotIn', 'Exists', 'DoesNotExist']),
        values: list('values for In and NotIn.', text('one value.', { max: 63 }), { max: 32 }).optional(),
      }),
      { max: 16 },
    ).optional(),
  })
  .meta({ description: 'wagonSelector picks wagons by label.' });

export const interventionSchema = z
  .object({
    requestID: text('requestID is status.approvalRequest.id.', { min: 1, max: 64, pattern: /^[a-z0-9-]+$/ }),
    planHash: digest('planHash is status.approvalRequest.planHash: it binds the decision to that plan.'),
    decision: oneOf('decision about the plan.', ['Approve', 'Feedback', 'Abort']),
    decidedBy: text('decidedBy is who decides; in a cluster it must be the caller.', {
      min: 1,
      max: 253,
      pattern: /^[\x20-\x7e]+$/,
    }),
    feedback: text('feedback is injected into another round; exactly with decision Feedback.', {
      min: 1,
      max: 16_384,
    }).optional(),
  })
  .meta({
    description: 'intervention answers status.approvalRequest; written whole, by a person, once per request.',
    [MUTABLE]: true,
    [VALIDATIONS]: [
      {
        rule: "(self.decision == 'Feedback') == has(self.feedback)",
        message: 'feedback is required with decision Feedback, and only there',
      },
    ],
  });

export const objectiveSpecSchema = z
  .object({
    directive: text('directive is the goal, in your own words.', {
      min: 1,
      max: 16_384,
      rules: [{ rule: 'size(bytes(self)) <= 16384', message: 'directive has at most 16384 bytes' }],
    }),
    requestedBy: text('requestedBy is who asks.', { min: 1, max: 253, pattern: /^[\x20-\x7e]+$/ }).optional(),
    parentRef: z
      .object({
        name: objectName('name of the parent Objective.'),
        uid: text('uid of the parent Objective.', { min: 1, max: 64, pattern: /^[a-z0-9-]+$/ }),
      })
      .meta({ description: 'parentRef is set by the controller on the Objectives that it makes.' })
      .optional(),
    wagonSelector: selector.optional(),
    wagonName: objectName('wagonName pins the Objective to one wagon.').optional(),
    debate: debate.prefault({}),
    approval: approval.prefault({}),
    execution: execution.prefault({}),
    improve: oneOf('improve: Always scores and rewrites weak results; Never leaves them.', ['Always', 'Never']).default(
      'Always',
    ),
    skills: list('skills injected into the prompts.', text('name of a skill.', { min: 1, max: 64 }), {
      max: 32,
      type: 'set',
    }).optional(),
    tools: list('tools that tasks may use.', text('name of a tool.', { min: 1, max: 64 }), {
      max: 32,
      type: 'set',
    }).optional(),
    context: list(
      'context is text given to every seat, from ConfigMaps of the same namespace.',
      z.object({
        configMapName: objectName('configMapName of the ConfigMap.'),
        key: text('key in the ConfigMap.', { min: 1, max: 253 }),
      }),
      { max: 16 },
    ).optional(),
    desiredState: oneOf('desiredState: Running, Paused, or Aborted for ever.', ['Running', 'Paused', 'Aborted'])
      .default('Running')
      .meta({ [MUTABLE]: true }),
    budget: budget.optional(),
    retry: integer('retry counts how often you asked for another try; it only grows.', 0, 5)
      .default(0)
      .meta({ [MUTABLE]: true }),
    ttlSecondsAfterFinished: integer(
      'ttlSecondsAfterFinished after which an ended Objective is deleted; absent: never.',
      0,
      31_536_000,
    )
      .meta({ [MUTABLE]: true })
      .optional(),
    intervention: interventionSchema.optional(),
  })
  .meta({ [VALIDATIONS]: OBJECTIVE_SPEC_RULES });
