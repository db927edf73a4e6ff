import type { Heartbeat, Wagon } from '@dark-carnival/crds';
import { BY_NAMESPACE } from '@dark-carnival/kube';
import type { WagonAddress } from '../../ports/wagon-client.ts';
import type { WagonDeps } from './deps.ts';
import { mayCarryKeys } from './policies/address.ts';
import { grantedProviders, toGrant, toGrants } from './policies/grants.ts';

/** A wagon says with its next heartbeat what it holds; before that it is not told again. */
const ANSWER_MS = 25_000;

interface Sent {
  instanceID: string;
  digest: string;
  at: number;
}

/** Keeps wagons in the knowledge of the providers that they are granted. What was sent last is only remembered so as not to send it twice. */
export class ProviderSync {
  readonly #deps: WagonDeps;
  readonly #sent = new Map<string, Sent>();

  constructor(deps: WagonDeps) {
    this.#deps = deps;
  }

  /** Sends the grants where the wagon does not hold them. @returns `withheld` where keys may not travel to this address. */
  async sync(
    wagon: Wagon,
    where: WagonAddress | undefined,
    heartbeat: Heartbeat | undefined,
  ): Promise<'done' | 'withheld'> {
    if (!where || !heartbeat || !wagon.spec) return 'done';
    const { namespace = '', name } = wagon.metadata;
    const { providers, credentials, tokens, wagonClient, clock } = this.#deps;
    const granted = grantedProviders(wagon, providers.store.byIndex(BY_NAMESPACE, namespace));
    const grants = await Promise.all(
      granted.map(
        async (provider) => provider.spec && toGrant(provider, await credentials.keyFor(namespace, provider.spec)),
      ),
    );
    const wanted = toGrants(grants.filter((grant) => grant !== undefined));
    if (heartbeat.providersDigest === wanted.digest) return 'done';
    if (!mayCarryKeys(wagon.spec, where)) return 'withheld';
    const token = await tokens.tokenOf(namespace, name);
    if (token === undefined || this.#isUnderWay(wagon, heartbeat.instanceID, wanted.digest)) return 'done';
    const outcome = await wagonClient.putProviders({ namespace, name, token, ...where }, wanted);
    const { instanceID } = heartbeat;
    if (outcome.outcome === 'stored')
      this.#sent.set(`${namespace}/${name}`, { instanceID, digest: wanted.digest, at: clock.monotonic() });
    else this.#deps.logger.warn('Providers were not taken', { Wagon: `${namespace}/${name}`, reason: outcome.message });
    return 'done';
  }

  forget(key: string): void {
    this.#sent.delete(key);
  }

  #isUnderWay({ metadata }: Wagon, instanceID: string, digest: string): boolean {
    const sent = this.#sent.get(`${metadata.namespace}/${metadata.name}`);
    if (sent?.instanceID !== instanceID || sent.digest !== digest) return false;
    return this.#deps.clock.monotonic() - sent.at < ANSWER_MS;
  }
}
