import type { z } from 'zod';
import { API_VERSION, GROUP, VERSION } from '../meta/labels.ts';
import type { KubeObject, ResourceRef } from '../meta/object-meta.ts';
import { type KindDefinition, READY_REASON_AND_AGE } from './kind.ts';
import { OBJECTIVE_ROOT_RULES } from './objective-gate.ts';
import { objectiveSpecSchema } from './objective-spec.ts';
import { objectiveStatusSchema } from './objective-status.ts';

export type ObjectiveSpec = z.output<typeof objectiveSpecSchema>;
/** What a person writes: defaults may be left out. */
export type ObjectiveSpecInput = z.input<typeof objectiveSpecSchema>;
export type ObjectiveStatus = z.output<typeof objectiveStatusSchema>;
export type Objective = KubeObject<ObjectiveSpec, ObjectiveStatus>;
export type Intervention = NonNullable<ObjectiveSpec['intervention']>;
export type ApprovalRequest = NonNullable<ObjectiveStatus['approvalRequest']>;
export type Decision = NonNullable<ObjectiveStatus['decisions']>[number];
export type TaskStatus = NonNullable<ObjectiveStatus['tasks']>[number];
export type TurnStatus = NonNullable<NonNullable<ObjectiveStatus['debate']>['turns']>[number];
export type Usage = NonNullable<ObjectiveStatus['usage']>;
export type SeatSettings = NonNullable<ObjectiveSpec['debate']['seats'][keyof ObjectiveSpec['debate']['seats']]>;

export const OBJECTIVES: ResourceRef = {
  group: GROUP,
  version: VERSION,
  plural: 'objectives',
  kind: 'Objective',
  namespaced: true,
};

export const objectiveKind: KindDefinition = {
  kind: 'Objective',
  plural: 'objectives',
  singular: 'objective',
  shortNames: ['obj'],
  description: `Objective is one goal and one run: a debate, a plan that a person approves, the tasks and their files (${API_VERSION}).`,
  spec: objectiveSpecSchema,
  status: objectiveStatusSchema,
  rootRules: OBJECTIVE_ROOT_RULES,
  columns: [
    { name: 'Phase', type: 'string', jsonPath: '.status.phase', description: 'Where the Objective stands' },
    { name: 'Wagon', type: 'string', jsonPath: '.status.wagonName', description: 'Wagon that hosts it' },
    { name: 'Round', type: 'integer', jsonPath: '.status.debate.round', description: 'Round of the debate' },
    { name: 'Tasks', type: 'string', jsonPath: '.status.taskSummary', description: 'Tasks done of all' },
    { name: 'Tokens', type: 'integer', jsonPath: '.status.usage.totalTokens', description: 'Tokens used' },
    { name: 'Cost', type: 'string', jsonPath: '.status.usage.costUSD', description: 'Cost in US dollars' },
    ...READY_REASON_AND_AGE,
  ],
  selectableFields: ['.status.phase', '.status.wagonName'],
};
