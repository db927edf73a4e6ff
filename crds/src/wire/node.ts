import { z } from 'zod';
import { digest, integer, text } from '../schema/fields.ts';
import { PROVIDER_CAPABILITIES, PROVIDER_TYPES } from '../v1alpha1/model-provider.ts';
import { WAGON_PHASES } from '../v1alpha1/wagon.ts';

/** Heartbeat and lease. `POST /api/nodes/register` every 10 s ± 10 %, with the wagon's token. */

export const HEARTBEAT_INTERVAL_SECONDS = 10;
/** The answer to a heartbeat lets a wagon start calls and commit files for this long, on its own monotonic clock. */
export const LEASE_SECONDS = 25;
/** Without a heartbeat for this long a wagon is stale. */
export const STALE_AFTER_SECONDS = 35;
/** How often staleness is looked for. */
export const STALE_CHECK_SECONDS = 15;

/** As many providers as a wagon takes and tells of. */
export const MAX_PROVIDERS = 32;

/** It travels with every heartbeat, for each provider. */
export const MAX_HEALTH_MODELS = 16;

/** Why a place cannot be reached, as far as the transport tells. */
export const UNREACHABLE_CAUSES = [
  'NameNotFound',
  'ConnectionRefused',
  'ConnectionLost',
  'TimedOut',
  'NoRoute',
  'CertificateRefused',
] as const;
export type UnreachableCause = (typeof UNREACHABLE_CAUSES)[number];

export const providerHealthSchema = z.object({
  name: text('name of the provider.', { min: 1, max: 63 }),
  healthy: z.enum(['True', 'False', 'Unknown']),
  model: text('model that would answer.', { max: 128 }).optional(),
  reason: text('reason.', { max: 64, pattern: /^[A-Za-z0-9]*$/ }).optional(),
  /** With the reason Unreachable. */
  cause: z.enum(UNREACHABLE_CAUSES).optional(),
  /** Model to use instead, where the reason is that this one is gone, or goes on `ends`. */
  replacement: text('replacement.', { max: 128 }).optional(),
  /** First day without the model, as announced. */
  ends: text('ends.', { max: 10, pattern: /^\d{4}-\d{2}-\d{2}$/ }).optional(),
  /** Some of the models that the endpoint lists: the one that is asked for, then those that are known, then others. */
  models: z
    .array(text('id of a model.', { max: 128 }))
    .max(MAX_HEALTH_MODELS)
    .optional(),
  /** What was found out by asking. */
  capabilities: z.array(z.enum(PROVIDER_CAPABILITIES)).max(8).optional(),
});
export type ProviderHealth = z.output<typeof providerHealthSchema>;

export const heartbeatSchema = z.object({
  nodeID: text('nodeID, as people spell it.', { min: 1, max: 64 }),
  role: text('role.', { min: 1, max: 63 }),
  /** Base URL at which the wagon answers. */
  address: text('address.', { min: 1, max: 512, pattern: /^https?:\/\/[\x21-\x7e]+$/ }),
  /** Fingerprint of the certificate that the wagon serves https with; absent for one on plain http, or behind a proxy with a certificate of its own. */
  tlsFingerprint: digest('tlsFingerprint.').optional(),
  instanceID: text('instanceID of this start.', { min: 1, max: 64, pattern: /^[\x21-\x7e]+$/ }),
  version: text('version.', { min: 1, max: 64, pattern: /^[\x20-\x7e]+$/ }),
  jobs: z.object({ running: integer('running.', 0, 10_000), capacity: integer('capacity.', 0, 10_000) }),
  vault: z.object({ files: integer('files.', 0, 100_000_000), bytes: integer('bytes.', 0, Number.MAX_SAFE_INTEGER) }),
  providers: z.array(providerHealthSchema).max(MAX_PROVIDERS),
  /** Digest of the last `PUT /api/providers` that the wagon holds; absent after a start, so the controller sends them again. */
  providersDigest: digest('providersDigest.').optional(),
});
export type Heartbeat = z.output<typeof heartbeatSchema>;

export const heartbeatAnswerSchema = z.object({
  wagon: text('metadata.name of the Wagon.', { min: 1, max: 63 }),
  namespace: text('namespace.', { min: 1, max: 63 }),
  leaseSeconds: integer('leaseSeconds.', 1, 600),
  leaderEpoch: integer('leaderEpoch.', 0, Number.MAX_SAFE_INTEGER),
});
export type HeartbeatAnswer = z.output<typeof heartbeatAnswerSchema>;

/** One provider as a wagon is told of it by `PUT /api/providers`: kept in memory, never written down, never logged. */
export const providerGrantSchema = z.object({
  name: text('name.', { min: 1, max: 63 }),
  type: z.enum(PROVIDER_TYPES),
  endpoint: text('endpoint.', { min: 1, max: 512 }).optional(),
  wire: z.enum(['OpenAI', 'Anthropic']).optional(),
  model: text('model.', { min: 1, max: 128 }).optional(),
  apiKey: text('apiKey.', { min: 1, max: 8192 }).optional(),
  prices: z
    .object({ inputPerMillionTokens: text('price.', { max: 20 }), outputPerMillionTokens: text('price.', { max: 20 }) })
    .optional(),
  limits: z
    .object({
      requestsPerMinute: integer('rpm.', 1, 1_000_000).optional(),
      concurrency: integer('concurrency.', 1, 1000).optional(),
      firstTokenSeconds: integer('firstTokenSeconds.', 1, 3600).optional(),
      tryTimeoutSeconds: integer('tryTimeoutSeconds.', 1, 3600).optional(),
    })
    .optional(),
  probeIntervalSeconds: integer('probeIntervalSeconds.', 10, 86_400).default(300),
});
export type ProviderGrant = z.output<typeof providerGrantSchema>;
export const providerGrantsSchema = z.object({
  providers: z.array(providerGrantSchema).max(MAX_PROVIDERS),
  digest: digest('digest.'),
});
export type ProviderGrants = z.output<typeof providerGrantsSchema>;

/** One wagon in `GET /api/nodes`. */
export const nodeViewSchema = z.object({
  name: z.string(),
  nodeID: z.string(),
  role: z.string(),
  phase: z.enum(WAGON_PHASES).optional(),
  address: z.string().optional(),
  version: z.string().optional(),
  /** Seconds since the last heartbeat by the hub's own clock; absent where none came since the hub started. */
  heartbeatAgeSeconds: z.number().optional(),
  jobs: z.object({ running: z.number(), capacity: z.number() }).optional(),
  /** Objectives of this wagon that wait for a person; absent where there are none. */
  awaitingHuman: z.number().optional(),
  providers: z.array(providerHealthSchema),
  message: z.string().optional(),
});
export type NodeView = z.output<typeof nodeViewSchema>;
