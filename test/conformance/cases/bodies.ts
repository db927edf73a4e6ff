import type { Json, RequestStep } from '../case.ts';
import { THINGS_GROUP } from './things-crd.ts';

/** Paths and bodies that cases are written with. */

type JsonObject = { [key: string]: Json };

export const MERGE = { 'content-type': 'application/merge-patch+json' };
export const JSON_PATCH = { 'content-type': 'application/json-patch+json' };
export const STRATEGIC = { 'content-type': 'application/strategic-merge-patch+json' };
export const APPLY = { 'content-type': 'application/apply-patch+yaml' };

export const THING = `/apis/${THINGS_GROUP}/v1/namespaces/{ns}/things`;
export const OBJECTIVE = '/apis/darkcarnival.dev/v1alpha1/namespaces/{ns}/objectives';
export const WAGON = '/apis/darkcarnival.dev/v1alpha1/namespaces/{ns}/wagons';
export const PROVIDER = '/apis/darkcarnival.dev/v1alpha1/namespaces/{ns}/modelproviders';
export const CONFIG_MAP = '/api/v1/namespaces/{ns}/configmaps';
export const SECRET = '/api/v1/namespaces/{ns}/secrets';
export const EVENT = '/api/v1/namespaces/{ns}/events';
export const LEASE = '/apis/coordination.k8s.io/v1/namespaces/{ns}/leases';

const meta = (name: string, more: JsonObject) => ({ name, ...more });

export const thing = (name: string, spec: JsonObject = {}, metadata: JsonObject = {}): JsonObject => ({
  apiVersion: `${THINGS_GROUP}/v1`,
  kind: 'Thing',
  metadata: meta(name, metadata),
  spec: { name: 'one', ...spec },
});
export const objective = (name: string, spec: JsonObject = {}, metadata: JsonObject = {}): JsonObject => ({
  apiVersion: 'darkcarnival.dev/v1alpha1',
  kind: 'Objective',
  metadata: meta(name, metadata),
  spec: { directive: 'Plan a tide chart', ...spec },
});
export const configMap = (name: string, data: JsonObject = { a: '1' }, metadata: JsonObject = {}): JsonObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: meta(name, metadata),
  data,
});

/** Steps that only prepare. */
export const prepare = (step: RequestStep): RequestStep => ({ ...step, quiet: true });
export const given = (path: string, body: Json, save?: string): RequestStep =>
  prepare({ method: 'POST', path, body, ...(save ? { save } : {}) });

export const get = (path: string, headers?: Record<string, string>): RequestStep => ({
  method: 'GET',
  path,
  ...(headers ? { headers } : {}),
});
export const post = (path: string, body: Json): RequestStep => ({ method: 'POST', path, body });
export const merge = (path: string, body: Json): RequestStep => ({ method: 'PATCH', path, body, headers: MERGE });
export const jsonPatch = (path: string, body: Json): RequestStep => ({
  method: 'PATCH',
  path,
  body,
  headers: JSON_PATCH,
});
/** Where the thing `a` is applied to. */
export const applyBy = (manager: string, force = false) =>
  `${THING}/a?fieldManager=${manager}${force ? '&force=true' : ''}`;
export const apply = (path: string, body: Json): RequestStep => ({ method: 'PATCH', path, body, headers: APPLY });
export const put = (path: string, body: Json): RequestStep => ({ method: 'PUT', path, body });
export const strategic = (path: string, body: Json): RequestStep => ({
  method: 'PATCH',
  path,
  body,
  headers: STRATEGIC,
});
/** @param body DeleteOptions, if there are any */
export const remove = (path: string, body?: Json): RequestStep => ({
  method: 'DELETE',
  path,
  ...(body !== undefined && { body }),
});
export const deleteOptions = (more: JsonObject): JsonObject => ({ kind: 'DeleteOptions', apiVersion: 'v1', ...more });
/** Waits until there is nothing at a path. */
export const gone = (path: string): RequestStep => prepare({ method: 'GET', path, until: { status: 404 } });
export const secret = (name: string, more: JsonObject = {}): JsonObject => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name },
  ...more,
});
export const lease = (name: string, spec: JsonObject = {}): JsonObject => ({
  apiVersion: 'coordination.k8s.io/v1',
  kind: 'Lease',
  metadata: { name },
  spec,
});
export const namespace = (name: string): JsonObject => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
/** An Event of now, about a Wagon. */
export const happened = (name: string): JsonObject => ({
  apiVersion: 'v1',
  kind: 'Event',
  metadata: { name },
  type: 'Normal',
  reason: 'Happened',
  message: 'm',
  involvedObject: { kind: 'Wagon', name: 'x', namespace: '{ns}' },
});
export const NAMESPACES = '/api/v1/namespaces';
export const CRDS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
