import { z } from 'zod';
import { integer, text, time } from '../schema/fields.ts';
import { SEATS } from '../v1alpha1/objective-spec.ts';
import { passedOverList } from '../v1alpha1/objective-status.ts';
import { JOB_STATES, objectiveRefSchema } from './job.ts';

/**
 * What a wagon streams: `GET /api/events?after=N[&objective=<uid>]` and `GET /api/jobs/{id}/events?after=N`, as SSE with `id:` = seq and
 * `data:` = one of these. Nothing in the stream is the truth: it wakes whoever listens, and shows people what happens while it happens.
 * Events are numbered from 1 within one start of the wagon (`epoch` = its instanceID) and kept in a bounded ring; one that asks for older
 * ones gets a `gap`.
 */
const base = { seq: integer('seq.', 0, Number.MAX_SAFE_INTEGER), at: time('at.') };
const ofJob = { ...base, objective: objectiveRefSchema, jobID: text('jobID.', { max: 120 }) };

export const wagonEventSchema = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('hello'),
    ...base,
    epoch: text('epoch.', { max: 64 }),
    oldest: integer('oldest seq held.', 0, Number.MAX_SAFE_INTEGER),
  }),
  z.object({ type: z.literal('gap'), ...base, dropped: integer('events lost.', 0, Number.MAX_SAFE_INTEGER) }),
  z.object({
    type: z.literal('turn-start'),
    ...ofJob,
    round: integer('round.', 1, 10),
    seat: z.enum(SEATS),
    provider: text('provider.', { max: 63 }),
    model: text('model.', { max: 128 }),
  }),
  z.object({
    type: z.literal('turn-delta'),
    ...ofJob,
    round: integer('round.', 1, 10),
    seat: z.enum(SEATS),
    text: text('text.', { max: 65_536 }),
  }),
  z.object({
    type: z.literal('turn-end'),
    ...ofJob,
    round: integer('round.', 1, 10),
    seat: z.enum(SEATS),
    outcome: z.enum(['Answered', 'Failed']),
    provider: text('provider.', { max: 63 }).optional(),
    passedOver: passedOverList.optional(),
    tokens: integer('tokens.', 0, Number.MAX_SAFE_INTEGER),
    text: text('text.', { max: 262_144 }),
  }),
  z.object({
    type: z.literal('task-start'),
    ...ofJob,
    taskID: text('taskID.', { max: 32 }),
    title: text('title.', { max: 120 }),
  }),
  z.object({
    type: z.literal('task-end'),
    ...ofJob,
    taskID: text('taskID.', { max: 32 }),
    outcome: z.enum(['Succeeded', 'Failed', 'Cancelled']),
    file: text('file.', { max: 255 }).optional(),
    message: text('message.', { max: 1024 }).optional(),
  }),
  z.object({
    type: z.literal('job-state'),
    ...ofJob,
    state: z.enum(JOB_STATES),
    reason: text('reason.', { max: 64 }).optional(),
  }),
  z.object({
    type: z.literal('log'),
    ...base,
    level: z.enum(['debug', 'info', 'warn', 'error']),
    message: text('message.', { max: 4096 }),
    objective: objectiveRefSchema.optional(),
    jobID: text('jobID.', { max: 120 }).optional(),
  }),
  z.object({
    type: z.literal('vault'),
    ...base,
    action: z.enum(['written', 'deleted', 'restored']),
    file: text('file.', { max: 255 }),
    namespace: text('namespace.', { max: 63 }),
  }),
]);
export type WagonEvent = z.output<typeof wagonEventSchema>;
/** An event before the wagon numbers it. */
export type WagonEventBody = WagonEvent extends infer Event
  ? Event extends WagonEvent
    ? Omit<Event, 'seq' | 'at'>
    : never
  : never;
