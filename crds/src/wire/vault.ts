import { z } from 'zod';
import { digest, integer, text, time } from '../schema/fields.ts';

/** The sidecar of a file in the vault: says where it came from. Stored beside the file, served by `GET /api/completions`. */
export const sidecarSchema = z.object({
  file: text('file: <objective>/<path>.', { min: 1, max: 255 }),
  namespace: text('namespace.', { min: 1, max: 63 }),
  objective: text('objective.', { min: 1, max: 63 }),
  objectiveUID: text('objectiveUID.', { min: 1, max: 64 }),
  task: text('task id.', { min: 1, max: 32 }),
  title: text('title of the task.', { max: 120 }),
  sha256: digest('sha256 of the file.'),
  bytes: integer('bytes.', 0, Number.MAX_SAFE_INTEGER),
  provider: text('provider.', { max: 63 }),
  model: text('model.', { max: 128 }),
  /** True where no model wrote it: the Rehearsal did. */
  rehearsal: z.boolean(),
  usage: z.object({
    inputTokens: integer('inputTokens.', 0, Number.MAX_SAFE_INTEGER),
    outputTokens: integer('outputTokens.', 0, Number.MAX_SAFE_INTEGER),
  }),
  createdAt: time('createdAt.'),
});
export type Sidecar = z.output<typeof sidecarSchema>;

/** A file in a list. `Changed`: its bytes are not those that the sidecar vouches for. */
const listedFileSchema = sidecarSchema.extend({ state: z.enum(['Intact', 'Changed']).optional() });

/** A sidecar without its file: somebody took it away behind the vault's back. */
const missingFileSchema = sidecarSchema.extend({ state: z.literal('Missing').optional() });

/** `GET /api/completions`. */
export const vaultListSchema = z.object({
  files: z.array(listedFileSchema),
  missing: z.array(missingFileSchema).optional(),
});
export type VaultList = z.output<typeof vaultListSchema>;

/** The hub's `GET /api/vault[/{node}]`. A wagon that could not be asked is named in `unreachable`: a partial answer says that it is one. */
export const hubVaultListSchema = z.object({
  files: z.array(listedFileSchema.extend({ node: z.string() })),
  missing: z.array(missingFileSchema.extend({ node: z.string() })).optional(),
  unreachable: z.array(z.object({ node: z.string(), message: z.string() })),
});
export type HubVaultList = z.output<typeof hubVaultListSchema>;
