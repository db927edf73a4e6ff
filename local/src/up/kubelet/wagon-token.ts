import { WAGON_TOKEN_KEY, wagonTokenSecretName } from '@dark-carnival/crds';
import { type Clock, sleep } from '@dark-carnival/crds/clock';
import { ApiError, type KubeClient, SECRETS, type Secret, TransportError } from '@dark-carnival/kube';

const FIRST_LOOK_MS = 20;
const MAX_LOOK_MS = 2_000;

/**
 * The token of a wagon, which the controller makes after the wagon's object: waited for, however long that takes.
 * @throws when `signal` aborts, or the API refuses for another reason than that it is not there.
 */
export async function waitForToken(
  client: KubeClient,
  wagon: { namespace: string; name: string },
  { clock, signal }: { clock: Clock; signal: AbortSignal },
): Promise<string> {
  const ref = { namespace: wagon.namespace, name: wagonTokenSecretName(wagon.name) };
  for (let waitMs = FIRST_LOOK_MS; ; waitMs = Math.min(waitMs * 2, MAX_LOOK_MS)) {
    const token = await readToken(client, ref);
    if (token) return token;
    if (!(await sleep(clock, waitMs, signal))) throw new Error(`stopped waiting for the token of ${wagon.name}`);
  }
}

async function readToken(client: KubeClient, ref: { namespace: string; name: string }): Promise<string | undefined> {
  try {
    const { data } = await client.get<Secret>(SECRETS, ref);
    return Buffer.from(data?.[WAGON_TOKEN_KEY] ?? '', 'base64').toString('utf8');
  } catch (error) {
    const notYet =
      (error instanceof ApiError && (error.isNotFound || error.isTransient)) || error instanceof TransportError;
    if (!notYet) throw error;
    return undefined;
  }
}
