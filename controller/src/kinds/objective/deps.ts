import type { ModelProvider, Objective, Wagon } from '@dark-carnival/crds';
import type { Clock } from '@dark-carnival/crds/clock';
import type { ConfigMap, KubeClient, Reflector } from '@dark-carnival/kube';
import type { DaySpending } from '../../ports/day-spending.ts';
import type { Leadership } from '../../ports/leadership.ts';
import type { Liveness } from '../../ports/liveness.ts';
import type { ObjectiveObserver } from '../../ports/objective-observer.ts';
import type { WagonClient } from '../../ports/wagon-client.ts';
import type { WagonTokens } from '../../ports/wagon-tokens.ts';
import type { EventRecorder } from '../../runtime/event-recorder.ts';
import type { Logger } from '../../runtime/logger.ts';

/** What the Objective controller needs from outside. */
export interface ObjectiveDeps {
  /** Fenced: it writes only while this process leads. */
  client: KubeClient;
  objectives: Reflector<Objective>;
  wagons: Reflector<Wagon>;
  providers: Reflector<ModelProvider>;
  /** The ConfigMaps `carnival-defaults`, and no others. */
  defaults: Reflector<ConfigMap>;
  wagonClient: WagonClient;
  tokens: WagonTokens;
  liveness: Liveness;
  spending: DaySpending;
  leadership: Leadership;
  events: Pick<EventRecorder, 'record'>;
  /** Told of every write of a status; absent: nobody listens. */
  observer?: ObjectiveObserver;
  clock: Clock;
  logger: Logger;
  /** Wait after a first failed attempt, doubled by each further one. Default 1,000 ms. */
  backoffBaseMs?: number;
  /** Objectives worked on at the same time. Default 32: a reconcile mostly waits for answers, and a wagon that hangs must not take all of them. */
  workers?: number;
}
