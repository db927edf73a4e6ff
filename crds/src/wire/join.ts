import { z } from 'zod';
import { digest, integer, text, time } from '../schema/fields.ts';
import { wagonSpecSchema } from '../v1alpha1/wagon.ts';

/** Joining: a join token, made by a person, is exchanged once for a wagon's own token. */

/** How long a join token lasts where nobody says: as kubeadm's bootstrap tokens. */
export const JOIN_TOKEN_TTL_SECONDS = 86_400;
/** The longest that a join token may last: 30 days. */
export const MAX_JOIN_TOKEN_TTL_SECONDS = 2_592_000;
/** The most wagons that one join token may let in. */
export const MAX_JOIN_TOKEN_USES = 100;

const role = wagonSpecSchema.shape.role;
const id = text('id of the join token: no secret.', { min: 10, max: 10, pattern: /^[a-z0-9]{10}$/ });
const secret = text('secret of the join token.', { min: 43, max: 43, pattern: /^[A-Za-z0-9_-]{43}$/ });
const namespace = text('namespace that wagons join.', {
  min: 1,
  max: 63,
  pattern: /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/,
});

/** What a join token carries: where the hub is, how it is known, and the secret. */
export const joinTokenSchema = z.strictObject({
  url: z.url({ protocol: /^https?$/ }).max(512),
  /** Of the hub's certificate; absent for a hub on loopback, and for one with a certificate of a public authority. */
  fingerprint: digest('fingerprint of the hub’s certificate.').optional(),
  namespace,
  id,
  secret,
});
export type JoinToken = z.output<typeof joinTokenSchema>;

/** Begins every join token, so that people and secret scanners know one when they see it. */
export const JOIN_TOKEN_PREFIX = 'carnival-join';
/** Longest text of a join token. */
export const MAX_JOIN_TOKEN_LENGTH = 2048;

/** The one word that is printed and handed on: `carnival-join.<where>.<id>.<secret>`, with no character that a shell would touch. */
export function formatJoinToken({ url, fingerprint, namespace, id, secret }: JoinToken): string {
  const where = JSON.stringify({ u: url, ...(fingerprint === undefined ? {} : { f: fingerprint }), n: namespace });
  const encoded = btoa(String.fromCharCode(...new TextEncoder().encode(where)))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '');
  return `${JOIN_TOKEN_PREFIX}.${encoded}.${id}.${secret}`;
}

/** Reads a join token; undefined for whatever is none. Never throws. */
export function parseJoinToken(word: string): JoinToken | undefined {
  const [prefix, encoded, id, secret, ...rest] = word.trim().split('.');
  if (word.length > MAX_JOIN_TOKEN_LENGTH || prefix !== JOIN_TOKEN_PREFIX || rest.length > 0) return undefined;
  try {
    const bytes = Uint8Array.from(atob((encoded ?? '').replaceAll('-', '+').replaceAll('_', '/')), (one) =>
      one.charCodeAt(0),
    );
    const { u: url, f: fingerprint, n: namespace } = JSON.parse(new TextDecoder().decode(bytes));
    return joinTokenSchema.safeParse({ url, fingerprint, namespace, id, secret }).data;
  } catch {
    return undefined;
  }
}

/** `POST /api/join-tokens`, in the name of whoever asks. Answers 201. */
export const joinTokenRequestSchema = z.strictObject({
  /** The only role that a wagon may join as; absent: any. */
  role: role.optional(),
  uses: integer('uses: how many wagons may join.', 1, MAX_JOIN_TOKEN_USES).default(1),
  ttlSeconds: integer('ttlSeconds until it is void.', 60, MAX_JOIN_TOKEN_TTL_SECONDS).default(JOIN_TOKEN_TTL_SECONDS),
});
export type JoinTokenRequest = z.input<typeof joinTokenRequestSchema>;

/** A join token as it is listed: everything but its secret, which nobody keeps. */
export const joinTokenViewSchema = z.object({
  id,
  namespace,
  role: role.optional(),
  uses: integer('uses that it was made with.', 1, MAX_JOIN_TOKEN_USES),
  usesLeft: integer('usesLeft.', 0, MAX_JOIN_TOKEN_USES),
  createdAt: time('createdAt.'),
  expiresAt: time('expiresAt, by the clock of the hub.'),
  createdBy: text('createdBy: user name.', { min: 1, max: 253 }),
  /** metadata.name of the wagons that joined with it. */
  wagons: z.array(text('wagon.', { min: 1, max: 63 })).max(MAX_JOIN_TOKEN_USES),
});
export type JoinTokenView = z.output<typeof joinTokenViewSchema>;

/** The answer to a creation: the only time that the secret is shown. */
export const createdJoinTokenSchema = joinTokenViewSchema.extend({ token: z.string().max(MAX_JOIN_TOKEN_LENGTH) });
export type CreatedJoinToken = z.output<typeof createdJoinTokenSchema>;

/** `POST /api/nodes/join`: needs no other proof than the join token. */
export const joinRequestSchema = z.strictObject({
  namespace,
  id,
  secret,
  /**
   * Random, made by the wagon and kept before it asks: the same again is the same join again, and costs no second use (its answer was lost). 256 bits.
   */
  nonce: text('nonce.', { min: 43, max: 43, pattern: /^[A-Za-z0-9_-]{43}$/ }),
  nodeID: text('nodeID, as people spell it.', { min: 1, max: 64 }),
  /** Absent: the token's role, else CORE. */
  role: role.optional(),
});
export type JoinRequest = z.output<typeof joinRequestSchema>;

export const joinAnswerSchema = z.object({
  wagon: text('metadata.name of the Wagon.', { min: 1, max: 63 }),
  namespace,
  nodeID: text('nodeID.', { min: 1, max: 64 }),
  role,
  /** The wagon's own token, for both directions. */
  token: text('token.', { min: 8, max: 4096, pattern: /^[\x21-\x7e]+$/ }),
});
export type JoinAnswer = z.output<typeof joinAnswerSchema>;
