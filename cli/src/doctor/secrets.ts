import { ANNOTATIONS, LABELS, type ModelProvider } from '@dark-carnival/crds';
import { ApiError, SECRETS, type Secret } from '@dark-carnival/kube';
import type { Session } from '../session/session.ts';
import type { Check } from './check.ts';
import { type Finding, ok, problem, warning } from './finding.ts';

/** Whether each key that a ModelProvider names is there, and was opted in for its host. Nothing of a key is shown. */
export const checkSecrets: Check = async ({ session, providers }) => {
  const withKey = providers.filter(({ spec }) => spec?.credentialsSecretRef !== undefined);
  const findings = await Promise.all(withKey.map((provider) => look(session, provider)));
  const good = findings.filter((found) => found.length === 0).length;
  return [...(good > 0 ? [ok('secrets', `${good} opted in for the host of their model`)] : []), ...findings.flat()];
};

async function look(session: Session, { metadata, spec }: ModelProvider): Promise<Finding[]> {
  const { name = '', key = '' } = spec?.credentialsSecretRef ?? {};
  const about = (words: string, remedy: string) => [problem('secrets', `${metadata.name}: ${words}`, remedy)];
  let secret: Secret | undefined;
  try {
    secret = await session.client.find<Secret>(SECRETS, { name, namespace: session.namespace });
  } catch (error) {
    if (!(error instanceof ApiError && error.isForbidden)) throw error;
    return [
      warning('secrets', `${metadata.name}: you may not read Secret ${name}`, 'ask somebody who may to run this'),
    ];
  }
  if (!secret)
    return about(`there is no Secret ${name}`, `kubectl create secret generic ${name} --from-literal=${key}=…`);
  if (!secret.data?.[key]) return about(`Secret ${name} has no key ${key}`, `kubectl edit secret ${name}`);
  if (secret.metadata.labels?.[LABELS.providerCredentials] === undefined)
    return about(
      `Secret ${name} does not opt in to be sent to a model`,
      `kubectl label secret ${name} ${LABELS.providerCredentials}=true`,
    );
  const host = hostOf(spec?.endpoint);
  const allowed = (secret.metadata.annotations?.[ANNOTATIONS.allowedHosts] ?? '')
    .split(',')
    .map((entry) => entry.trim().toLowerCase());
  if (host === undefined || allowed.includes(host)) return [];
  return about(
    `Secret ${name} is not for ${host}`,
    `kubectl annotate secret ${name} --overwrite ${ANNOTATIONS.allowedHosts}=${host}`,
  );
}

/** Undefined for the public endpoint of a family, which the controller knows. */
function hostOf(endpoint: string | undefined): string | undefined {
  return endpoint !== undefined && URL.canParse(endpoint) ? new URL(endpoint).hostname.toLowerCase() : undefined;
}
