import type { Json, RequestStep } from '../case.ts';
import { CRDS, post } from './bodies.ts';

/** Schemas with CEL rules, for CRDs of a case's own group. */

type Schema = { [key: string]: Json };

const version = (openAPIV3Schema: Schema, name: string): Json => ({
  name,
  served: true,
  storage: name === 'v1',
  schema: { openAPIV3Schema },
});

/** A CRD of the case's own group, with a version for each schema of its objects. */
export const crd = (...schemas: Schema[]): Json => ({
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'gauges.{ns}.example.com' },
  spec: {
    group: '{ns}.example.com',
    scope: 'Namespaced',
    names: { plural: 'gauges', kind: 'Gauge' },
    versions: schemas.map((schema, i) => version(schema, `v${i + 1}`)),
  },
});
export const object = (properties: Schema, ...rules: Json[]): Schema => ({
  type: 'object',
  properties,
  ...(rules.length > 0 ? { 'x-kubernetes-validations': rules } : {}),
});
/** A CRD whose spec has these properties and rules. */
export const spec = (properties: Schema, ...rules: (string | Schema)[]): Json =>
  crd(object({ spec: object(properties, ...rules.map((rule) => (typeof rule === 'string' ? { rule } : rule))) }));
export const tried = (body: Json): RequestStep => post(`${CRDS}?dryRun=All`, body);

export const text = (maxLength?: number): Schema => ({
  type: 'string',
  ...(maxLength === undefined ? {} : { maxLength }),
});
export const list = (items: Schema, maxItems?: number, more: Schema = {}): Schema => ({
  type: 'array',
  items,
  ...(maxItems === undefined ? {} : { maxItems }),
  ...more,
});
export const map = (additionalProperties: Schema, maxProperties?: number): Schema => ({
  type: 'object',
  additionalProperties,
  ...(maxProperties === undefined ? {} : { maxProperties }),
});
export const formatted = (format: string, more: Schema = {}): Schema => ({ type: 'string', format, ...more });
export const ruled = (schema: Schema, ...rules: string[]): Schema => ({
  ...schema,
  'x-kubernetes-validations': rules.map((rule) => ({ rule })),
});
export const integer: Schema = { type: 'integer' };

/** A string of which `matches` costs so much that one more character goes over the limit. */
export const BORDER = "self.s.matches('[0-9a-f]{64}[0-9a-f]{64}')";
export const GAUGES = '/apis/{ns}.example.com/v1/namespaces/{ns}/gauges';
export const gauge = (name: string, l: Json[]): Json => ({
  apiVersion: '{ns}.example.com/v1',
  kind: 'Gauge',
  metadata: { name },
  spec: { l },
});
export const deep = (inner: Schema): Schema => object({ b: object({ l: inner }) });
