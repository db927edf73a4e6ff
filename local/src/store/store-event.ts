import type { KubeObject } from '../json/kube-object.ts';
import type { Attributes } from './key-index.ts';

export type EventType = 'ADDED' | 'MODIFIED' | 'DELETED';

/** One committed revision, as watchers see it. */
export interface StoreEvent {
  readonly rev: number;
  readonly type: EventType;
  readonly resource: string;
  readonly key: string;
  /** The object after the change; for a deletion its last state, with the revision of the deletion. */
  readonly bytes: Buffer;
  readonly attributes: Attributes;
  /** The state that this event replaced, undefined for a creation. */
  readonly previous: { readonly rev: number; readonly attributes: Attributes } | undefined;
}

/** Hears each commit in order, inside the commit: it must be quick, and must not write. */
export type CommitListener = (event: StoreEvent, object: KubeObject) => void;
