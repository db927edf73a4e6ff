import type { ModelProvider, Objective, Wagon } from '@dark-carnival/crds';
import type { Clock } from '@dark-carnival/crds/clock';
import type { KubeClient, Reflector } from '@dark-carnival/kube';
import type { Leadership } from '../../ports/leadership.ts';
import type { Liveness } from '../../ports/liveness.ts';
import type { ProviderCredentials } from '../../ports/provider-credentials.ts';
import type { WagonClient } from '../../ports/wagon-client.ts';
import type { WagonTokens } from '../../ports/wagon-tokens.ts';
import type { EventRecorder } from '../../runtime/event-recorder.ts';
import type { Logger } from '../../runtime/logger.ts';

/** What the Wagon controller needs from outside. */
export interface WagonDeps {
  /** Fenced: it writes only while this process leads. */
  client: KubeClient;
  wagons: Reflector<Wagon>;
  providers: Reflector<ModelProvider>;
  /** With WAGON_NEED_INDEXERS. */
  objectives: Reflector<Objective>;
  wagonClient: WagonClient;
  tokens: WagonTokens;
  credentials: ProviderCredentials;
  liveness: Liveness;
  leadership: Leadership;
  events: Pick<EventRecorder, 'record'>;
  clock: Clock;
  logger: Logger;
  /** `size` bytes that nobody can guess, for tokens. */
  randomBytes(size: number): Buffer;
}
