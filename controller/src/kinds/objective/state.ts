import type { Objective } from '@dark-carnival/crds';
import type { ObjectiveDeps } from './deps.ts';
import { JobMemory } from './job-memory.ts';
import { Latest } from './latest.ts';
import { SlotBook } from './slot-book.ts';
import { PlanCache } from './stored-plan.ts';

/** What the controller keeps in memory over reconciles. All of it is rebuilt after a restart; nothing that must not be lost is in it. */
export interface ControllerState {
  latest: Latest<Objective>;
  jobs: JobMemory;
  slots: SlotBook;
  plans: PlanCache;
}

export function openState(deps: ObjectiveDeps, onFreed: (namespace: string, slots: number) => void): ControllerState {
  return {
    latest: new Latest(deps.objectives.store),
    jobs: new JobMemory(deps.clock),
    slots: new SlotBook(onFreed),
    plans: new PlanCache(),
  };
}
