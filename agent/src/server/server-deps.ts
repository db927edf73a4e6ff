import type { ProviderGrants, ProviderHealth } from '@dark-carnival/crds';
import type { Clock } from '@dark-carnival/crds/clock';
import type { Exposition } from '@dark-carnival/telemetry';
import type { JobService } from '../jobs/job-service.ts';
import type { Vault } from '../vault/vault.ts';
import type { EventRing } from './event-ring.ts';
import type { Logger } from './logger.ts';

/** What the routes stand on. */
export interface ServerDeps {
  token: string;
  /** What `GET /` tells. */
  identity: { nodeID: string; name: string; role: string; namespace: string; version: string; instanceID: string };
  jobs: JobService;
  vault: Vault;
  events: EventRing;
  /** Takes provider grants, for as long as this process lives. */
  setProviders: (grants: ProviderGrants) => void;
  providerHealth: () => ProviderHealth[];
  /** Why the wagon can do nothing now, or nothing. */
  notReadyReason: () => string | undefined;
  /** Everything that is measured, for Prometheus. */
  metrics: () => Promise<Exposition>;
  clock: Clock;
  logger: Logger;
}
