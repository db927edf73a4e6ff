import type { WagonConfig } from './config.ts';
import type { AddressPolicy } from './providers/index.ts';

interface ProviderPlaces {
  /** `host:port` pairs that no provider may point at. */
  refusedHosts: string[];
  addresses: AddressPolicy;
}

/**
 * Where providers may be. Never at the hub, nor at the Kubernetes API: a key would go there, and a wagon could talk to it as a model. On a machine of one's
 * own anywhere else that is no link-local address; in a cluster, where whoever may write a ModelProvider need not be who owns the network, only at public
 * addresses and in the ranges that the cluster's owner lists.
 */
export function providerPlaces({
  ringmasterUrl,
  cluster,
}: Pick<WagonConfig, 'ringmasterUrl' | 'cluster'>): ProviderPlaces {
  return {
    refusedHosts: [
      ...(ringmasterUrl === undefined ? [] : [hostAndPort(new URL(ringmasterUrl))]),
      ...(cluster === undefined ? [] : [cluster.apiServer]),
    ],
    addresses:
      cluster === undefined
        ? { privateRanges: 'Allowed' }
        : { privateRanges: 'Listed', allowedCIDRs: cluster.allowedCIDRs },
  };
}

function hostAndPort({ host, hostname, port, protocol }: URL): string {
  return port === '' ? `${hostname}:${protocol === 'https:' ? 443 : 80}` : host;
}
