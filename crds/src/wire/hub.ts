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
