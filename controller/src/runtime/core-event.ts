import { createHash } from 'node:crypto';
import type { KubeObject, ObjectMeta } from '@dark-carnival/crds';
import { shorten } from './outcome.ts';

/** core/v1 Event, as far as it is written here. */
export interface CoreEvent extends KubeObject {
  involvedObject: { apiVersion: string; kind: string; name: string; namespace?: string; uid?: string };
  type: 'Normal' | 'Warning';
  reason: string;
  message: string;
  count: number;
  firstTimestamp: string;
  lastTimestamp: string;
  source: { component: string };
  reportingComponent: string;
  reportingInstance: string;
}

/** Something that happened to an object. `reason` is one CamelCase word, the same as the condition's reason. */
export interface Occurrence {
  type: 'Normal' | 'Warning';
  reason: string;
  message: string;
}

/** Who reports. */
export interface Reporter {
  component: string;
  instance: string;
}

/** What makes two occurrences the same. */
export function eventKey({ metadata }: KubeObject, { type, reason, message }: Occurrence): string {
  const parts = [metadata.namespace, metadata.name, metadata.uid, type, reason, message];
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 16);
}

/**
 * The Event of an occurrence. Its name follows from what it says, so that a restarted reporter goes on counting instead of repeating itself. An Event about an
 * object without namespace lies in `default`, as the API wants it.
 */
export function toCoreEvent(object: KubeObject, occurrence: Occurrence, reporter: Reporter, now: string): CoreEvent {
  const { name, namespace, uid } = object.metadata;
  const metadata: ObjectMeta = { name: `${name}.${eventKey(object, occurrence)}`, namespace: namespace ?? 'default' };
  return {
    apiVersion: 'v1',
    kind: 'Event',
    metadata,
    involvedObject: {
      apiVersion: object.apiVersion,
      kind: object.kind,
      name,
      ...(namespace === undefined ? {} : { namespace }),
      ...(uid === undefined ? {} : { uid }),
    },
    type: occurrence.type,
    reason: occurrence.reason,
    message: shorten(occurrence.message),
    count: 1,
    firstTimestamp: now,
    lastTimestamp: now,
    source: { component: reporter.component },
    reportingComponent: reporter.component,
    reportingInstance: reporter.instance,
  };
}
