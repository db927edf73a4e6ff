import type { Clock } from '@dark-carnival/crds/clock';
import type { KubeObject } from '../json/kube-object.ts';
import type { Registry } from '../registry/registry.ts';
import type { Resource } from '../registry/resource.ts';
import type { Entry } from '../store/key-index.ts';
import { decodeObject } from '../store/object-bytes.ts';
import type { RevisionStore } from '../store/revision-store.ts';
import { timestamp } from '../timestamp.ts';

/** What every verb works on. */
export interface Api {
  store: RevisionStore;
  registry: Registry;
  clock: Clock;
  /** [0, 1): suffixes of generated names, jitter. */
  random: () => number;
  /** A new object's uid. */
  newUid: () => string;
}

/** Query parameters that writes share. */
export interface WriteOptions {
  dryRun: boolean;
  fieldValidation: 'Strict' | 'Warn' | 'Ignore';
  /** Who writes, as the record of field owners names it. */
  fieldManager: string;
  /** An apply takes fields over from others. */
  force: boolean;
  /** Gathers what the client is told besides the answer, also of a write that is refused in the end: sent as `Warning` headers. */
  warnings: string[];
}

/** What a write answers. */
export interface WriteResult {
  code: number;
  object: KubeObject;
}

/** Which object a request names. */
export interface Target {
  resource: Resource;
  /** Empty for cluster-scoped resources. */
  namespace: string;
  name: string;
  /** `status`, or empty for the object itself. */
  subresource: string;
}

/** Now, as objects carry it. */
export function nowOf(api: Api): string {
  return timestamp(api.clock);
}

/** True when stored objects must be converted before they are served under this version, or were written under an older schema. */
function needsConversion(resource: Resource, rev: number): boolean {
  return resource.storedApiVersion !== resource.apiVersion || rev < resource.schemaRevision;
}

/** The object as served in the resource's version: under today's schema, whatever it was stored under. */
export function servedObject(resource: Resource, rev: number, bytes: Buffer): KubeObject {
  const object = decodeObject(bytes);
  if (needsConversion(resource, rev)) {
    object.apiVersion = resource.apiVersion;
    resource.strategy.decode(object);
  }
  return object;
}

/** The same as bytes: those of the log, unless they need conversion. */
export function servedBytes(resource: Resource, rev: number, bytes: Buffer): Buffer {
  return needsConversion(resource, rev) ? Buffer.from(JSON.stringify(servedObject(resource, rev, bytes))) : bytes;
}

/** A fresh copy of a live object, for the caller to change. */
export function readEntry(api: Api, resource: Resource, entry: Entry): KubeObject {
  return servedObject(resource, entry.rev, api.store.bytes(entry));
}
