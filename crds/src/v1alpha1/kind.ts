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
