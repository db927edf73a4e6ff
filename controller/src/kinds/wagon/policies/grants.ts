import {
  isSelfRegistered,
  MAX_PROVIDERS,
  type ModelProvider,
  type Prices,
  type ProviderGrant,
  type ProviderGrants,
  pricesOf,
  type Wagon,
} from '@dark-carnival/crds';
import type { CredentialOutcome } from '../../../ports/provider-credentials.ts';
import { digestOf } from '../../../runtime/digests.ts';

/**
 * The ModelProviders that a wagon may use: those that its spec names; where it names none at all, all for a wagon that somebody declared, and nothing for one
 * that registered itself. In the order of names, so that the digest is stable.
 */
export function grantedProviders(
  { metadata: { labels }, spec }: Pick<Wagon, 'metadata' | 'spec'>,
  providers: readonly ModelProvider[],
): ModelProvider[] {
  const named = spec?.providers ?? (isSelfRegistered(labels) ? [] : undefined);
  return providers
    .filter(({ metadata, spec }) => spec !== undefined && metadata.deletionTimestamp === undefined)
    .filter(({ metadata }) => named === undefined || named.includes(metadata.name))
    .sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1))
    .slice(0, MAX_PROVIDERS);
}

/** One provider as a wagon is told of it. One whose key is missing or withheld is told without, so that the wagon can say why it cannot use it. */
export function toGrant({ metadata, spec }: ModelProvider, credential: CredentialOutcome): ProviderGrant | undefined {
  if (!spec) return undefined;
  const { type, endpoint, wire, model, limits, probeIntervalSeconds } = spec;
  // Worked out here, so that every wagon books by the same list, and the forecast by it too.
  const prices = pricesOf(spec);
  return {
    name: metadata.name,
    type,
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(wire === undefined ? {} : { wire }),
    ...(model === undefined ? {} : { model }),
    ...(credential.outcome === 'granted' ? { apiKey: credential.key } : {}),
    ...(prices === undefined ? {} : { prices: dollarsOf(prices) }),
    ...(limits === undefined ? {} : { limits: limitsOf(limits) }),
    probeIntervalSeconds: probeIntervalSeconds ?? 300,
  };
}

export const toGrants = (providers: ProviderGrant[]): ProviderGrants => ({ providers, digest: digestOf(providers) });

const dollarsOf = ({ inputPerMillionTokens, outputPerMillionTokens }: Prices) => ({
  inputPerMillionTokens,
  outputPerMillionTokens,
});

/** What a wagon keeps by itself: all but the cap of the whole fleet, of which it knows only its own part. */
function limitsOf({
  maxCostUSDPerDay: _,
  ...limits
}: NonNullable<NonNullable<ModelProvider['spec']>['limits']>): NonNullable<ProviderGrant['limits']> {
  return limits;
}
