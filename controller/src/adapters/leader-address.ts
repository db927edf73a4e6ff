import { ANNOTATIONS } from '@dark-carnival/crds';
import { FINGERPRINT } from '@dark-carnival/tls';
import type { Leader } from '../runtime/lease.ts';

/** Where the leader takes what other replicas pass on. */
export interface LeaderAddress {
  /** Base URL. */
  url: string;
  /** Of the only certificate that is talked to; undefined on this very machine's loopback. */
  fingerprint: string | undefined;
}

const LOOPBACK = /^(127(\.\d{1,3}){3}|\[::1\]|localhost)$/;

/** What this replica says about itself on the Lease while it leads. */
export class ReachedAt {
  readonly #hostName: string;
  #address: LeaderAddress | undefined;

  constructor(hostName: string) {
    this.#hostName = hostName;
  }

  /** From now on others reach it there. */
  set(address: LeaderAddress): void {
    this.#address = address;
  }

  /** Undefined takes away what an earlier leader said. A loopback address is of use on its own machine only, so the machine goes with it. */
  get annotations(): Readonly<Record<string, string | undefined>> {
    const { url, fingerprint } = this.#address ?? {};
    return {
      [ANNOTATIONS.internalAddress]: url,
      [ANNOTATIONS.internalFingerprint]: fingerprint,
      [ANNOTATIONS.internalHostName]: url !== undefined && fingerprint === undefined ? this.#hostName : undefined,
    };
  }
}

/**
 * Reads where a leader is reached. A wagon's token goes there, so what is not safe is not there: in the clear only over the loopback of this machine, and else
 * only to the pinned certificate. Total: somebody else may have written the Lease.
 */
export function readLeader(
  leader: Pick<Leader, 'annotations'> | undefined,
  hostName: string,
): LeaderAddress | undefined {
  const { annotations = {} } = leader ?? {};
  const url = parseUrl(annotations[ANNOTATIONS.internalAddress]);
  const fingerprint = annotations[ANNOTATIONS.internalFingerprint];
  if (!url) return undefined;
  if (url.protocol === 'https:') {
    return fingerprint !== undefined && FINGERPRINT.test(fingerprint) ? { url: url.origin, fingerprint } : undefined;
  }
  const isHere = LOOPBACK.test(url.hostname) && annotations[ANNOTATIONS.internalHostName] === hostName;
  return url.protocol === 'http:' && isHere ? { url: url.origin, fingerprint: undefined } : undefined;
}

function parseUrl(text: string | undefined): URL | undefined {
  try {
    return new URL(text ?? '');
  } catch {
    return undefined;
  }
}
