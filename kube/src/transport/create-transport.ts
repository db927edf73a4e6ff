import { type Clock, systemClock } from '@dark-carnival/crds/clock';
import type { ClusterConfig } from '../config/cluster-config.ts';
import { DEFAULT_TIMEOUTS, HttpTransport, type Timeouts } from './http-transport.ts';
import { type PoolRegistry, sharedPools } from './pools.ts';
import { RetryingTransport } from './retrying-transport.ts';
import type { Transport } from './transport.ts';

export interface TransportOptions {
  clock?: Clock;
  /** Source of jitter, [0, 1). */
  random?: () => number;
  timeouts?: Partial<Timeouts>;
  userAgent?: string;
  pools?: PoolRegistry;
}

/**
 * The transport to a cluster: shared keep-alive connections, deadlines by verb, bounded retries. To inject faults *below* the retries, put
 * them between `HttpTransport` and `RetryingTransport`; above, wrap what this returns.
 */
export function createTransport(config: ClusterConfig, options: TransportOptions = {}): Transport {
  const { clock = systemClock, random = Math.random, pools = sharedPools, userAgent = 'dark-carnival/0.1.0' } = options;
  const timeouts = { ...DEFAULT_TIMEOUTS, ...options.timeouts };
  return new RetryingTransport(new HttpTransport(config, { clock, pools, timeouts, userAgent }), { clock, random });
}
