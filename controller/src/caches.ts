import {
  DEFAULTS_CONFIG_MAP,
  type KubeObject,
  MODEL_PROVIDERS,
  type ModelProvider,
  OBJECTIVES,
  type Objective,
  type ResourceRef,
  WAGONS,
  type Wagon,
} from '@dark-carnival/crds';
import type { Clock } from '@dark-carnival/crds/clock';
import {
  CONFIG_MAPS,
  type ConfigMap,
  type KubeClient,
  Reflector,
  type ReflectorOptions,
  type ReflectorReport,
} from '@dark-carnival/kube';
import { OBJECTIVE_INDEXERS } from './kinds/objective/index.ts';
import { WAGON_NEED_INDEXERS } from './kinds/wagon/index.ts';
import type { Logger } from './runtime/logger.ts';

/** What every replica holds in memory. Of ConfigMaps only the one that sets defaults, of Secrets none: they are large, or secret. */
export interface Caches {
  objectives: Reflector<Objective>;
  wagons: Reflector<Wagon>;
  providers: Reflector<ModelProvider>;
  defaults: Reflector<ConfigMap>;
}

interface CacheOptions {
  /** Undefined: all namespaces. */
  namespace: string | undefined;
  clock: Clock;
  random: () => number;
  logger: Logger;
}

export function openCaches(client: KubeClient, options: CacheOptions): Caches {
  const open = <T extends KubeObject>(resource: ResourceRef, more: ReflectorOptions<T> = {}) =>
    new Reflector<T>(client, resource, {
      namespace: options.namespace,
      clock: options.clock,
      random: options.random,
      onReport: (report) => log(options.logger, resource, report),
      ...more,
    });
  return {
    objectives: open<Objective>(OBJECTIVES, { indexers: { ...OBJECTIVE_INDEXERS, ...WAGON_NEED_INDEXERS } }),
    wagons: open<Wagon>(WAGONS),
    providers: open<ModelProvider>(MODEL_PROVIDERS),
    defaults: open<ConfigMap>(CONFIG_MAPS, { fieldSelector: `metadata.name=${DEFAULTS_CONFIG_MAP}` }),
  };
}

/** A cache looks after itself; whoever runs it should still hear that the API server is away, or that a handler of ours throws. */
function log(logger: Logger, { kind }: ResourceRef, report: ReflectorReport): void {
  if (report.kind === 'failed') {
    const { during, retryInMs, error } = report;
    logger.warn('Cache could not be filled', { kind, during, retryInMs, message: String(error) });
  } else if (report.kind === 'handler-failed') {
    logger.error('Handler of a cache failed', { kind, message: String(report.error) });
  }
}
