import { isSelfRegistered, LABELS, WAGON_TOKEN_KEY, type Wagon, wagonTokenSecretName } from '@dark-carnival/crds';
import { ApiError, SECRETS, type Secret } from '@dark-carnival/kube';
import type { WagonDeps } from './deps.ts';

const TOKEN_BYTES = 32;

/**
 * Makes the wagon's token where there is none. The Secret has no owner: it outlives the object, so that a wagon which is declared again goes on with the token
 * that it knows.
 */
export async function ensureToken(
  { client, tokens, randomBytes }: WagonDeps,
  { metadata, spec }: Wagon,
): Promise<void> {
  const { namespace = '', name, labels } = metadata;
  // What joined was given its token before its object was made; whoever takes that away means it.
  if (isSelfRegistered(labels)) return;
  if ((await tokens.tokenOf(namespace, name)) !== undefined) return;
  const token = randomBytes(TOKEN_BYTES).toString('base64url');
  const secret: Secret = {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: {
      name: wagonTokenSecretName(name),
      namespace,
      ...(spec ? { labels: { [LABELS.role]: spec.role } } : {}),
    },
    type: 'Opaque',
    data: { [WAGON_TOKEN_KEY]: Buffer.from(token, 'utf8').toString('base64') },
  };
  try {
    await client.create(SECRETS, secret);
  } catch (error) {
    // Made in the meantime by whoever starts the wagon: theirs counts.
    if (!(error instanceof ApiError && error.isAlreadyExists)) throw error;
  }
}
