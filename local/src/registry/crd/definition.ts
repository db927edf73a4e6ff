import { isJsonObject, type JsonObject, listAt, objectAt, stringAt } from '../../json/json.ts';
import type { KubeObject } from '../../json/kube-object.ts';

/** One version of a CustomResourceDefinition. */
export interface CrdVersion {
  name: string;
  served: boolean;
  storage: boolean;
  raw: JsonObject;
}

/** The versions of a CRD, in the order of its spec. */
export function versionsOf(crd: JsonObject): CrdVersion[] {
  return listAt(objectAt(crd, 'spec'), 'versions')
    .filter(isJsonObject)
    .map((raw) => ({
      name: stringAt(raw, 'name') ?? '',
      served: raw['served'] === true,
      storage: raw['storage'] === true,
      raw,
    }));
}

/** The names that a CRD asks for. */
export function namesOf(crd: JsonObject): JsonObject {
  return objectAt(objectAt(crd, 'spec'), 'names') ?? {};
}

/** The state of one condition, undefined when it is absent. */
export function conditionStatus(object: JsonObject, type: string): string | undefined {
  const condition = listAt(objectAt(object, 'status'), 'conditions')
    .filter(isJsonObject)
    .find((item) => item['type'] === type);
  return stringAt(condition, 'status');
}

/** Sets a condition of a CRD; an unchanged one keeps its time. */
export function setCondition(
  object: KubeObject,
  condition: { type: string; status: string; reason: string; message: string },
  now: string,
): void {
  const status: JsonObject = { ...objectAt(object, 'status') };
  const conditions = listAt(status, 'conditions').filter(isJsonObject);
  const before = conditions.find((item) => item['type'] === condition.type);
  const lastTransitionTime = before?.['status'] === condition.status ? before['lastTransitionTime'] : now;
  const entry: JsonObject = { lastTransitionTime, ...condition };
  status['conditions'] = before ? conditions.map((item) => (item === before ? entry : item)) : [...conditions, entry];
  object['status'] = status;
}
