import { jsonEqual } from '../json/json.ts';
import type { KubeObject, OwnerReference } from '../json/kube-object.ts';
import type { WriteOptions } from './api.ts';

/**
 * Takes owner references away that an object has twice, and warns of it. @param when what the real server says of the moment: a patch is looked
 * at after it was applied
 */
export function dropDuplicateOwners(
  object: KubeObject,
  options: WriteOptions,
  when: '' | ' after mutating admission happens' = '',
): void {
  const owners = object.metadata.ownerReferences ?? [];
  const kept: OwnerReference[] = [];
  const twice: string[] = [];
  for (const owner of owners) {
    if (kept.some((other) => jsonEqual(other, owner))) twice.push(owner.uid);
    else kept.push(owner);
  }
  if (twice.length === 0) return;
  object.metadata.ownerReferences = kept;
  options.warnings.push(
    `.metadata.ownerReferences contains duplicate entries${when}; API server dedups owner references in 1.20+, and may reject such requests as early as 1.24; please fix your requests; duplicate UID(s) observed: ${twice.join(', ')}`,
  );
}
