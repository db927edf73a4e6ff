import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** Where the real API server comes from, or why there is none. */
export type RealChoice = { assets: string } | { kubeconfig: string } | { missing: string };

const WANTED = ['etcd', 'kube-apiserver'];

/**
 * Picks the real server from the environment: an envtest folder (KUBEBUILDER_ASSETS), a cluster set aside for this
 * (CONFORMANCE_KUBECONFIG), or the current one (KUBECONFIG) if CARNIVAL_CONFORMANCE=1 says that it may be written to.
 */
export function chooseReal(env: NodeJS.ProcessEnv): RealChoice {
  const {
    KUBEBUILDER_ASSETS: assets,
    CONFORMANCE_KUBECONFIG: own,
    KUBECONFIG: current,
    CARNIVAL_CONFORMANCE: consent,
  } = env;
  if (assets) {
    const lacking = WANTED.filter((name) => !existsSync(join(assets, name)));
    return lacking.length === 0
      ? { assets }
      : { missing: `KUBEBUILDER_ASSETS=${assets} holds no ${lacking.join(' and no ')}` };
  }
  if (own) return existsSync(own) ? { kubeconfig: own } : { missing: `CONFORMANCE_KUBECONFIG=${own} does not exist` };
  if (current && consent === '1')
    return existsSync(current) ? { kubeconfig: current } : { missing: `KUBECONFIG=${current} does not exist` };
  if (current)
    return {
      missing: 'KUBECONFIG is set, but the suite writes to the cluster: set CARNIVAL_CONFORMANCE=1 to allow it',
    };
  return {
    missing:
      'no kube-apiserver to compare with: set KUBEBUILDER_ASSETS to a folder with etcd and kube-apiserver (envtest), or CONFORMANCE_KUBECONFIG to a cluster that may be written to',
  };
}
