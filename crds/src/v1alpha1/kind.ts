import type { z } from 'zod';
import type { CelRule } from '../schema/fields.ts';

/** A printer column of `kubectl get`. Priority 1 shows with `-o wide` only. */
export interface PrinterColumn {
  name: string;
  type: 'string' | 'integer' | 'date';
  jsonPath: string;
  description: string;
  priority?: number;
}

/** A name is a label value and the beginning of other names: a StatefulSet leaves 52 characters of the 63 that a label has. */
export const NAME_LENGTH_RULE: CelRule = {
  rule: 'size(self.metadata.name) <= 52',
  message: 'metadata.name has at most 52 characters',
};

/** The last columns of every kind. */
export const READY_REASON_AND_AGE: readonly PrinterColumn[] = [
  {
    name: 'Reason',
    type: 'string',
    jsonPath: '.status.conditions[?(@.type=="Ready")].reason',
    description: 'Why it is ready or not',
    priority: 1,
  },
  { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp', description: 'Age of the object' },
];

/** All that the generator needs to make a CustomResourceDefinition and its reference page from a kind. */
export interface KindDefinition {
  kind: string;
  plural: string;
  singular: string;
  shortNames: string[];
  description: string;
  spec: z.ZodObject;
  status: z.ZodObject;
  /** Rules over the whole object: they may look at metadata.name, spec and status. */
  rootRules: CelRule[];
  columns: PrinterColumn[];
  selectableFields: string[];
}
