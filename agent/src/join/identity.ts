import { createHmac, randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { readIfPresent, writePrivateFile } from '@dark-carnival/tls';
import { z } from 'zod';
import { StartError } from '../start-error.ts';

/** Who a wagon is since it joined. Kept in its data folder, readable by its owner alone: a restart needs no join token. */
const identitySchema = z.object({
  ringmasterUrl: z.url({ protocol: /^https?$/ }),
  /** Of the hub's certificate. */
  ringmasterFingerprint: z
    .string()
    .regex(/^sha256:[0-9a-f]{64}$/)
    .optional(),
  namespace: z.string().min(1).max(63),
  nodeID: z.string().min(1).max(64),
  role: z.string().min(1).max(63),
  /** The wagon's own. */
  token: z.string().min(8).max(4096),
  /** Which join token it came with: the same one given again asks for nothing new. No secret. */
  joinTokenID: z.string(),
});
export type Identity = z.output<typeof identitySchema>;

const IDENTITY_FILE = 'identity.json';
const SECRET_FILE = 'join-secret';

/** The identity in a data folder; undefined for a wagon that has not joined. @throws StartError for a damaged file. */
export function readIdentity(folder: string): Identity | undefined {
  const path = join(folder, IDENTITY_FILE);
  const text = readIfPresent(path);
  if (text === undefined) return undefined;
  try {
    return identitySchema.parse(JSON.parse(text));
  } catch {
    throw new StartError(`${path} is damaged: bring it back, or remove it and join again with a new join token`);
  }
}

export function writeIdentity(folder: string, identity: Identity): void {
  writePrivateFile(join(folder, IDENTITY_FILE), `${JSON.stringify(identity, undefined, 2)}\n`);
}

/**
 * What this wagon says to one hub, and one namespace of it, in every join: known to nobody else, so the same again is the same wagon again, and is given the
 * same token (an answer was lost) at the cost of no second use. On disk before it is said. Another hub hears something else, and can impersonate nobody.
 */
export function joinNonce(folder: string, { hub, namespace }: { hub: string; namespace: string }): string {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const path = join(folder, SECRET_FILE);
  let secret = readIfPresent(path)?.trim();
  if (!secret) {
    secret = randomBytes(32).toString('base64url');
    writePrivateFile(path, `${secret}\n`);
  }
  return createHmac('sha256', secret).update(`${hub}\n${namespace}`).digest('base64url');
}
