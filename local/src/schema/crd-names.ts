import { type FieldError, fieldError } from './field-error.ts';
import { isJsonObject, type JsonObject, type JsonValue } from './json.ts';

const DNS_LABEL =
  "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')";
const DNS_SUBDOMAIN =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";

/** What the API server says of a name that is no DNS label of RFC 1035; empty where it is one. */
export function dnsLabelDetail(name: string): string {
  if (name.length > 63) return 'must be no more than 63 bytes';
  return /^[a-z]([-a-z0-9]*[a-z0-9])?$/.test(name) ? '' : DNS_LABEL;
}

const textAt = (object: JsonObject, key: string) => (typeof object[key] === 'string' ? object[key] : '');
const listAt = (object: JsonObject, key: string): JsonValue[] => (Array.isArray(object[key]) ? object[key] : []);

function nameError(names: JsonObject, key: string): FieldError[] {
  const name = textAt(names, key);
  if (name === '') return [];
  const isKind = key.toLowerCase().endsWith('kind');
  const detail = dnsLabelDetail(isKind ? name.toLowerCase() : name);
  if (detail === '') return [];
  const said = isKind ? `may have mixed case, but should otherwise match: ${detail}` : detail;
  return [fieldError.invalid(`spec.names.${key}`, name, said)];
}

function nameListErrors(names: JsonObject, key: string): FieldError[] {
  return listAt(names, key).flatMap((name, i) => {
    const detail = typeof name === 'string' ? dnsLabelDetail(name) : 'must be a string';
    return detail === '' ? [] : [fieldError.invalid(`spec.names.${key}[${i}]`, name, detail)];
  });
}

/** `spec.names` of a CRD. */
export function nameErrors(names: JsonObject): FieldError[] {
  const keys = ['plural', 'singular', 'kind', 'listKind'];
  const missing = keys
    .filter((key) => textAt(names, key) === '')
    .map((key) => fieldError.required(`spec.names.${key}`));
  const errors = [...missing, ...keys.flatMap((key) => nameError(names, key)), ...nameListErrors(names, 'shortNames')];
  if (textAt(names, 'kind') !== '' && names['kind'] === names['listKind'])
    errors.push(fieldError.invalid('spec.names.listKind', names['listKind'], 'kind and listKind may not be the same'));
  return [...errors, ...nameListErrors(names, 'categories')];
}

/** The group and scope of a CRD, and its name, which follows from plural and group. */
export function identityErrors(crd: JsonObject, spec: JsonObject): FieldError[] {
  const errors: FieldError[] = [];
  const names = isJsonObject(spec['names']) ? spec['names'] : {};
  const metadata = isJsonObject(crd['metadata']) ? crd['metadata'] : {};
  const group = textAt(spec, 'group');
  const scope = textAt(spec, 'scope');
  const wanted = `${textAt(names, 'plural')}.${group}`;
  if (metadata['name'] !== wanted)
    errors.push(
      fieldError.invalid('metadata.name', metadata['name'] ?? '', 'must be spec.names.plural+"."+spec.group'),
    );
  if (group === '') errors.push(fieldError.required('spec.group'));
  else if (!/^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/.test(group))
    errors.push(fieldError.invalid('spec.group', group, DNS_SUBDOMAIN));
  else if (!group.includes('.'))
    errors.push(fieldError.invalid('spec.group', group, 'should be a domain with at least one dot'));
  if (scope === '') errors.push(fieldError.required('spec.scope'));
  else if (scope !== 'Cluster' && scope !== 'Namespaced')
    errors.push(fieldError.notSupported('spec.scope', scope, ['Cluster', 'Namespaced']));
  return errors;
}

/** Fills what the API server fills in a CRD: singular, listKind, the conversion strategy. In place. */
export function defaultCrd(crd: JsonObject): void {
  const spec = isJsonObject(crd['spec']) ? crd['spec'] : undefined;
  const names = spec && isJsonObject(spec['names']) ? spec['names'] : undefined;
  if (!spec || !names) return;
  const kind = textAt(names, 'kind');
  if (kind !== '') {
    names['singular'] ||= kind.toLowerCase();
    names['listKind'] ||= `${kind}List`;
  }
  spec['conversion'] ??= { strategy: 'None' };
}
