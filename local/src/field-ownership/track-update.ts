import type { JsonObject } from '../json/json.ts';
import { difference, isEmpty, LEAF, union } from './field-set.ts';
import { byAge, isSameOwner, type Owner } from './owner.ts';
import { changesByVersion, ownable, type WriteScope, withOwner, withoutChanged } from './ownership.ts';

/** Updaters that are told apart; beyond these the oldest are taken together. */
const MAX_UPDATERS = 10;
const ANCIENT = 'ancient-changes';
const UNKNOWN = 'unknown';

/** The owner that a request of this manager is. */
export function ownerOf(manager: string, operation: Owner['operation'], scope: WriteScope): Owner {
  const { apiVersion, subresource } = scope;
  return { manager: manager || UNKNOWN, operation, apiVersion, subresource, time: undefined, fields: LEAF };
}

/** Who owns what after a create, an update or a patch: what it changed is its manager's, and no one else's. */
export function trackUpdate(
  owners: readonly Owner[],
  before: JsonObject,
  after: JsonObject,
  manager: string,
  scope: WriteScope,
): Owner[] {
  const changes = changesByVersion(before, after, scope);
  const { set, removed } = changes(scope.apiVersion) ?? { set: LEAF, removed: LEAF };
  const taken = ownable(set);
  const own = ownerOf(manager, 'Update', scope);
  const previous = owners.find((owner) => isSameOwner(owner, own));
  const others = withoutChanged(previous ? owners.filter((owner) => owner !== previous) : owners, changes);
  const base = previous ?? own;
  const fields = union(difference(base.fields, removed), taken);
  return capUpdaters(withOwner(others, { ...base, time: isEmpty(taken) ? base.time : scope.now, fields }));
}

/** Takes the oldest updaters of a version together until there are no more than the limit. */
function capUpdaters(owners: Owner[]): Owner[] {
  const updaters = owners.filter(({ operation }) => operation === 'Update');
  let excess = updaters.length - MAX_UPDATERS;
  if (excess <= 0) return owners;
  let kept = owners;
  const oldest = new Map<string, Owner>();
  for (const owner of updaters.sort(byAge)) {
    if (excess === 0) break;
    const first = oldest.get(owner.apiVersion);
    if (first) {
      kept = takenTogether(kept, first, owner);
      excess -= 1;
    } else oldest.set(owner.apiVersion, owner);
  }
  return kept;
}

/** Gives the fields of an updater to the bucket of its version, which the oldest one becomes where there is none yet. */
function takenTogether(owners: readonly Owner[], first: Owner, owner: Owner): Owner[] {
  const bucket = { ...first, manager: ANCIENT, subresource: '' };
  const present = owners.find((other) => isSameOwner(other, bucket)) ?? first;
  const others = owners.filter((other) => other !== owner && other !== present);
  return [...others, { ...bucket, time: owner.time, fields: union(present.fields, owner.fields) }];
}
