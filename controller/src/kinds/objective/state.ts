import type { Objective, ObjectivePhase } from '@dark-carnival/crds';
import { Latest } from '../../runtime/latest.ts';
import type { ObjectiveDeps } from './deps.ts';
import { JobMemory } from './job-memory.ts';
import { SlotBook } from './slot-book.ts';
import { PlanCache } from './stored-plan.ts';
import { ValidatedObjectives } from './validated.ts';

/** ConfigMaps that nobody needs any more once status has come to a phase and round. */
export interface Leftover {
  names: readonly string[];
  phase: ObjectivePhase;
  round: number | undefined;
}

/** What the controller keeps in memory over reconciles. All of it is rebuilt after a restart; nothing that must not be lost is in it. */
export interface ControllerState {
  latest: Latest<Objective>;
  validated: ValidatedObjectives;
  jobs: JobMemory;
  slots: SlotBook;
  plans: PlanCache;
  /** What is to be deleted once a status is written, by uid. Lost at a restart: then it goes with its Objective. */
  leftovers: Map<string, Leftover>;
}

export function openState(deps: ObjectiveDeps, onFreed: (namespace: string, slots: number) => void): ControllerState {
  return {
    latest: new Latest(deps.objectives.store),
    validated: new ValidatedObjectives(),
    jobs: new JobMemory(deps.clock),
    slots: new SlotBook({ onFreed, exists: (uid) => deps.objectives.store.getByUid(uid) !== undefined }),
    plans: new PlanCache(),
    leftovers: new Map(),
  };
}
