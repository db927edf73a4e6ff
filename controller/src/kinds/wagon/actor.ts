import type { Wagon } from '@dark-carnival/crds';
import type { Latest } from '../../runtime/latest.ts';
import type { WagonDeps } from './deps.ts';
import type { MassSilence } from './policies/mass-silence.ts';
import type { ProviderSync } from './provider-sync.ts';
import type { WagonMemory } from './wagon-memory.ts';

export type ValidWagon = Wagon & { spec: NonNullable<Wagon['spec']> };

/** What a reconcile of a Wagon works with. */
export interface WagonActor {
  deps: WagonDeps;
  sync: ProviderSync;
  /** The cache, with our own writes that it has not heard of. */
  latest: Latest<Wagon>;
  memory: WagonMemory;
  silence: MassSilence;
  /** Wall clock minus monotonic clock when this process started: what the wall clock would show had nobody set it. */
  wallOffsetMs: number;
}
