import type { Objective } from '@dark-carnival/crds';
import { Latest } from '../../runtime/latest.ts';
import type { ObjectiveDeps } from './deps.ts';
import { JobMemory } from './job-memory.ts';
import { SlotBook } from './slot-book.ts';
import { PlanCache } from './stored-plan.ts';
import { ValidatedObjectives } from './validated.ts';

/** What the controller keeps in memory over reconciles. All of it is rebuilt after a restart; nothing that must not be lost is in it. */
export interface ControllerState {
  latest: Latest<Objective>;
  validated: ValidatedObjectives;
  jobs: JobMemory;
  slots: SlotBook;
  plans: PlanCache;
}

export function openState(deps: ObjectiveDeps, onFreed: (namespace: string, slots: number) => void): ControllerState {
  return {
    latest: new Latest(deps.objectives.store),
    validated: new ValidatedObjectives(),
    jobs: new JobMemory(deps.clock),
    slots: new SlotBook({ onFreed, exists: (uid) => deps.objectives.store.getByUid(uid) !== undefined }),
    plans: new PlanCache(),
  };
}
