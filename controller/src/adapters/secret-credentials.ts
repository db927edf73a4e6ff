import { ANNOTATIONS, endpointHost, LABELS, type ModelProviderSpec } from '@dark-carnival/crds';
import type { Clock } from '@dark-carnival/crds/clock';
import { type KubeClient, SECRETS, type Secret } from '@dark-carnival/kube';
import type { CredentialOutcome, ProviderCredentials } from '../ports/provider-credentials.ts';
import { allowsHost } from './allowed-hosts.ts';

/** How long a Secret is used without asking again. A key that was exchanged reaches the wagons within this time. */
const FRESH_MS = 30_000;

/** Keys from Secrets of the provider's own namespace, read by name. Keys are kept in memory for half a minute and never logged. */
export class SecretCredentials implements ProviderCredentials {
  readonly #client: Pick<KubeClient, 'find'>;
  readonly #clock: Clock;
  readonly #known = new Map<string, { secret: Secret | undefined; readAt: number }>();

  constructor(client: Pick<KubeClient, 'find'>, clock: Clock) {
    this.#client = client;
    this.#clock = clock;
  }

  async keyFor(namespace: string, spec: ModelProviderSpec): Promise<CredentialOutcome> {
    const { credentialsSecretRef: ref } = spec;
    if (!ref) return { outcome: 'none' };
    const secret = await this.#secret(namespace, ref.name);
    return secret ? judge(secret, ref, endpointHost(spec)) : missing(`there is no Secret ${ref.name}`);
  }

  async #secret(namespace: string, name: string): Promise<Secret | undefined> {
    const key = `${namespace}/${name}`;
    const known = this.#known.get(key);
    const now = this.#clock.monotonic();
    if (known && now - known.readAt < FRESH_MS) return known.secret;
    const secret = await this.#client.find<Secret>(SECRETS, { namespace, name });
    // An absent one is asked for again each time: somebody is about to make it.
    if (secret) this.#known.set(key, { secret, readAt: now });
    else this.#known.delete(key);
    return secret;
  }
}

function judge(secret: Secret, ref: { name: string; key: string }, host: string | undefined): CredentialOutcome {
  const { labels, annotations } = secret.metadata;
  if (labels?.[LABELS.providerCredentials] === undefined) {
    return withheld(`Secret ${ref.name} has not opted in: it lacks the label ${LABELS.providerCredentials}`);
  }
  if (host === undefined) return withheld('the endpoint has no host that a key could be bound to');
  if (!allowsHost(annotations?.[ANNOTATIONS.allowedHosts], host)) {
    return withheld(`Secret ${ref.name} does not allow ${host}: add it to its annotation ${ANNOTATIONS.allowedHosts}`);
  }
  const key = Buffer.from(secret.data?.[ref.key] ?? '', 'base64')
    .toString('utf8')
    .trim();
  return key === '' ? missing(`Secret ${ref.name} has no key ${ref.key}`) : { outcome: 'granted', key };
}

const missing = (message: string): CredentialOutcome => ({ outcome: 'missing', message });
const withheld = (message: string): CredentialOutcome => ({ outcome: 'withheld', message });
