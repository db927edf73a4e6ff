import type { KubeObject } from '../json/kube-object.ts';
import { fieldError } from '../schema/field-error.ts';
import { invalid } from '../status/api-error.ts';
import type { Target } from './api.ts';

/** A patch may repeat the uid, not change it. @throws ApiError 422 */
export function checkUid({ resource, name }: Target, object: KubeObject, own: string | undefined): void {
  const { uid } = object.metadata;
  if (!uid || uid === own) return;
  const error = fieldError.invalid('metadata.uid', uid, 'field is immutable');
  throw invalid(resource.group, resource.kind, name, resource.custom ? [error, error] : [error]);
}
