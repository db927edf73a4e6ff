import { z } from 'zod';
import { text } from '../schema/fields.ts';
import { turnSchema } from './job.ts';

/** `POST /api/swarm/dispatch`: the original's way to state a goal. Answers 201 with the Objective. */
export const dispatchRequestSchema = z.strictObject({
  objective: text('objective: the goal.', { min: 1, max: 16_384 }),
  node_id: text('node_id of the wagon.', { min: 1, max: 64 }).optional(),
  role: text('role of the wagon.', { min: 1, max: 63 }).optional(),
  /** Names of ModelProviders, per seat. */
  models: z
    .strictObject({
      visionary: text('visionary.', { max: 63 }).optional(),
      critic: text('critic.', { max: 63 }).optional(),
      tactician: text('tactician.', { max: 63 }).optional(),
    })
    .optional(),
});
export type DispatchRequest = z.output<typeof dispatchRequestSchema>;

/**
 * `POST /api/swarm/broadcast`: a global event, one Objective per wagon. First without `dry_run: false`: then nothing is made, and the answer (200) is what
 * would be; with it, what is made (201). Sent again with the same event it makes what is missing, and nothing twice.
 */
export const broadcastRequestSchema = z.strictObject({
  objective: text('objective: the goal, the same for each wagon.', { min: 1, max: 16_384 }),
  /** Groups the Objectives, as label `darkcarnival.dev/event`; absent: made from the goal. */
  event: text('event.', { min: 1, max: 30, pattern: /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/ }).optional(),
  /** Only wagons of this role. */
  role: text('role of the wagons.', { min: 1, max: 63 }).optional(),
  dry_run: z.boolean().default(true),
});
export type BroadcastRequest = z.output<typeof broadcastRequestSchema>;

export const broadcastAnswerSchema = z.object({
  event: z.string(),
  dryRun: z.boolean(),
  /** `Planned`: would be made. `Exists`: an earlier call has made it. `Failed`: `message` says why; the others are made all the same. */
  objectives: z.array(
    z.object({
      wagon: z.string(),
      name: z.string(),
      outcome: z.enum(['Planned', 'Created', 'Exists', 'Failed']),
      message: z.string().optional(),
    }),
  ),
  /** Wagons that get none, and why. */
  skipped: z.array(z.object({ wagon: z.string(), why: z.string() })),
});
export type BroadcastAnswer = z.output<typeof broadcastAnswerSchema>;

/** `GET /api/objectives/{name}/transcript`: every turn in full, oldest first. */
export const transcriptSchema = z.object({
  objective: z.string(),
  namespace: z.string(),
  directive: z.string(),
  turns: z.array(turnSchema),
  feedback: z.array(z.object({ afterRound: z.number(), by: z.string(), text: z.string() })),
});
export type Transcript = z.output<typeof transcriptSchema>;

/** `POST /api/login/tickets` with a bearer token: a URL that logs a browser in once, within its life. */
export const loginTicketSchema = z.object({ url: z.string(), expiresInSeconds: z.number() });
export type LoginTicket = z.output<typeof loginTicketSchema>;

/** Every refusal of hub and wagon routes has this shape: what happened and what to do, in one line. */
export const errorBodySchema = z.object({ error: z.object({ code: z.string(), message: z.string() }) });
export type ErrorBody = z.output<typeof errorBodySchema>;
