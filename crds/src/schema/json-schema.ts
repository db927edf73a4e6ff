import { z } from 'zod';
import type { CelRule } from './fields.ts';
import { MUTABLE, VALIDATIONS } from './fields.ts';

/** A structural schema node of a CRD (OpenAPI v3.0 with the Kubernetes extensions that this project uses). */
export interface StructuralSchema {
  type?: 'object' | 'array' | 'string' | 'integer' | 'number' | 'boolean';
  description?: string;
  format?: string;
  default?: unknown;
  enum?: unknown[];
  pattern?: string;
  minLength?: number;
  maxLength?: number;
  minimum?: number;
  maximum?: number;
  minItems?: number;
  maxItems?: number;
  maxProperties?: number;
  required?: string[];
  properties?: Record<string, StructuralSchema>;
  items?: StructuralSchema;
  additionalProperties?: StructuralSchema | boolean;
  'x-kubernetes-list-type'?: string;
  'x-kubernetes-list-map-keys'?: string[];
  [VALIDATIONS]?: CelRule[];
  [MUTABLE]?: boolean;
  oneOf?: unknown;
  anyOf?: unknown;
  allOf?: unknown;
}

/** The structural schema of what a person writes: defaults make a field optional. Throws on a cycle or on what a CRD cannot hold. */
export function toStructuralSchema(schema: z.ZodType): StructuralSchema {
  const raw = z.toJSONSchema(schema, { target: 'openapi-3.0', io: 'input', reused: 'inline', cycles: 'throw' });
  return JSON.parse(JSON.stringify(raw)) as StructuralSchema;
}

/** Visits a node and everything below it. `path` is written as kubectl explain writes it. */
export function walkSchema(
  node: StructuralSchema,
  visit: (node: StructuralSchema, path: string) => void,
  path = '',
): void {
  visit(node, path);
  for (const [name, child] of Object.entries(node.properties ?? {}))
    walkSchema(child, visit, path === '' ? name : `${path}.${name}`);
  if (node.items) walkSchema(node.items, visit, `${path}[]`);
  if (typeof node.additionalProperties === 'object') walkSchema(node.additionalProperties, visit, `${path}{}`);
}
