import { type KubeClient, SECRETS, type Secret } from '@dark-carnival/kube';
import type { Secrets } from '@dark-carnival/telemetry';

/** No credential is longer, in characters. */
const MAX_SECRET = 8192;

/** Reads Secrets, and has the values of each known before anybody else sees them: no log line, span or message holds them afterwards. */
export function rememberSecrets(client: KubeClient, secrets: Secrets): Pick<KubeClient, 'find'> {
  const find: KubeClient['find'] = async (resource, ...rest) => {
    const found = await client.find(resource, ...rest);
    if (found && resource.kind === SECRETS.kind && resource.group === SECRETS.group)
      secrets.add(valuesOf(found as Secret));
    return found as never;
  };
  return { find };
}

const valuesOf = ({ data = {} }: Secret): string[] =>
  Object.values(data)
    .map((value) => Buffer.from(value, 'base64').toString('utf8').trim())
    .filter((value) => value.length <= MAX_SECRET);
