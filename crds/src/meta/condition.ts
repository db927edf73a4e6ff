import { z } from 'zod';
import { integer, list, text, time, word } from '../schema/fields.ts';

/** metav1.Condition. Machines read `reason`, people read `message`; `lastTransitionTime` moves only when `status` does. */
export const conditionSchema = z.object({
  type: word('type of the condition, in CamelCase.'),
  status: z
    .enum(['True', 'False', 'Unknown'])
    .meta({ description: 'status of the condition: True, False or Unknown.' }),
  observedGeneration: integer(
    'observedGeneration is the metadata.generation that the condition was computed from.',
    0,
    Number.MAX_SAFE_INTEGER,
  ).optional(),
  lastTransitionTime: time('lastTransitionTime is when status last changed.'),
  reason: word('reason is why the condition has this status, one word for machines.'),
  message: text('message says for people what the condition means now.', { max: 1024 }),
});
export type Condition = z.infer<typeof conditionSchema>;
export type ConditionStatus = Condition['status'];

/** `status.observedGeneration`, the same for every kind. */
export const observedGenerationField = integer(
  'observedGeneration is the metadata.generation that this status was computed from.',
  0,
  Number.MAX_SAFE_INTEGER,
);

/** The conditions of a status: a map keyed by type, so that several writers can own one each. */
export const conditionsField = list(
  'conditions tell what is true of this object now; at most one of each type.',
  conditionSchema,
  {
    max: 13,
    type: 'map',
    keys: ['type'],
  },
);
