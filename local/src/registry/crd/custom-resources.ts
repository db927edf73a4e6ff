import { LEAF, singleton } from '../../field-ownership/field-set.ts';
import type { FieldType } from '../../field-ownership/field-type.ts';
import { customType } from '../../field-ownership/kubernetes-types.ts';
import { isJsonObject, type JsonObject, listAt, objectAt, stringAt } from '../../json/json.ts';
import type { KubeObject } from '../../json/kube-object.ts';
import { compileSchema } from '../../schema/index.ts';
import type { PrinterColumn, Resource } from '../resource.ts';
import { customStrategy } from './custom-strategy.ts';
import { type CrdVersion, namesOf, versionsOf } from './definition.ts';

const VERBS = ['delete', 'deletecollection', 'get', 'list', 'patch', 'create', 'update', 'watch'];

function strings(parent: JsonObject, member: string): string[] {
  return listAt(parent, member).filter((item) => typeof item === 'string');
}

/** What a CRD without columns shows. */
const DEFAULT_COLUMNS: readonly PrinterColumn[] = [
  { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
];

function columnsOf(version: CrdVersion): readonly PrinterColumn[] {
  const columns = listAt(version.raw, 'additionalPrinterColumns').filter(isJsonObject);
  return columns.length > 0 ? (columns as unknown as PrinterColumn[]) : DEFAULT_COLUMNS;
}

function selectablePaths(version: CrdVersion): string[] {
  return listAt(version.raw, 'selectableFields').flatMap(
    (item) => stringAt(isJsonObject(item) ? item : undefined, 'jsonPath') ?? [],
  );
}

/** The resources that a CRD serves, one per served version. @throws CrdInvalidError when a schema does not compile. */
export function customResources(crd: KubeObject): Resource[] {
  const spec = objectAt(crd, 'spec') ?? {};
  const versions = versionsOf(crd);
  const storageVersion = versions.find((version) => version.storage)?.name ?? '';
  const types = new Map(versions.map((version) => [version.name, typeOf(version)]));
  return versions
    .filter((version) => version.served)
    .map((version) => customResource(crd, spec, version, storageVersion, types));
}

const typeOf = (version: CrdVersion) => customType(objectAt(objectAt(version.raw, 'schema'), 'openAPIV3Schema') ?? {});

/** @param types of all versions, served or not */
function customResource(
  crd: KubeObject,
  spec: JsonObject,
  version: CrdVersion,
  storageVersion: string,
  types: ReadonlyMap<string, FieldType>,
): Resource {
  const names = namesOf(crd);
  const group = stringAt(spec, 'group') ?? '';
  const plural = stringAt(names, 'plural') ?? '';
  const kind = stringAt(names, 'kind') ?? '';
  const apiVersion = `${group}/${version.name}`;
  const namespaced = spec['scope'] === 'Namespaced';
  const hasStatus = objectAt(objectAt(version.raw, 'subresources'), 'status') !== undefined;
  const schema = compileSchema(crd, version.name);
  return {
    group,
    version: version.name,
    apiVersion,
    plural,
    singular: stringAt(names, 'singular') ?? kind.toLowerCase(),
    kind,
    listKind: stringAt(names, 'listKind') ?? `${kind}List`,
    shortNames: strings(names, 'shortNames'),
    categories: strings(names, 'categories'),
    namespaced,
    verbs: VERBS,
    hasStatus,
    storage: `${group}/${plural}`,
    storedApiVersion: `${group}/${storageVersion}`,
    schemaRevision: Number(crd.metadata.resourceVersion ?? 0),
    custom: true,
    columns: columnsOf(version),
    ownership: {
      type: types.get(version.name) ?? typeOf(version),
      typeOfVersion: (name) => types.get(name),
      empty: { apiVersion, kind },
      ignored: hasStatus ? singleton(['f:status']) : LEAF,
      ignoredByStatus: singleton(['f:spec']),
    },
    strategy: customStrategy({
      apiVersion,
      kind,
      namespaced,
      hasStatus,
      schema,
      selectableFields: selectablePaths(version),
    }),
  };
}
