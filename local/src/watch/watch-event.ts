import { type Selection, selects, selectsAll } from '../selectors/selection.ts';
import type { EventType, StoreEvent } from '../store/store-event.ts';

/** Which objects a watcher wants to hear of. */
export interface WatchScope {
  selection: Selection;
  /** Keys begin with this: `<namespace>/`, or empty. */
  keyPrefix: string;
}

/** How an event looks to a watcher. `previous` asks for the state before the change: the object has left the selection. */
export interface Sighting {
  type: EventType;
  object: 'current' | 'previous';
}

/**
 * An object that comes to match a selection is ADDED to it, one that ceases to match is DELETED from it.
 * @returns undefined when the watcher hears nothing.
 */
export function sightingOf(event: StoreEvent, scope: WatchScope): Sighting | undefined {
  if (!event.key.startsWith(scope.keyPrefix)) return undefined;
  if (selectsAll(scope.selection)) return { type: event.type, object: 'current' };
  const matched = event.previous !== undefined && selects(scope.selection, event.previous.attributes);
  if (event.type === 'DELETED') return matched ? { type: 'DELETED', object: 'current' } : undefined;
  const matches = selects(scope.selection, event.attributes);
  if (matches) return { type: matched ? 'MODIFIED' : 'ADDED', object: 'current' };
  return matched ? { type: 'DELETED', object: 'previous' } : undefined;
}
