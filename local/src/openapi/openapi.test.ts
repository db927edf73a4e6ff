import { readFileSync } from 'node:fs';
import { load } from 'js-yaml';
import { describe, expect, it } from 'vitest';
import { isJsonObject, type JsonObject } from '../schema/index.ts';
import { openApiDocument, openApiHash, openApiIndex } from './index.ts';

function objectiveSchema(): JsonObject {
  const crd = load(
    readFileSync(new URL('../../../crds/generated/objectives.darkcarnival.dev.yaml', import.meta.url), 'utf8'),
  );
  const schema = (crd as { spec: { versions: { schema: { openAPIV3Schema: unknown } }[] } }).spec.versions[0]?.schema
    .openAPIV3Schema;
  if (!isJsonObject(schema)) throw new Error('no schema');
  return schema;
}
const ours = () =>
  openApiDocument({
    group: 'darkcarnival.dev',
    version: 'v1alpha1',
    resources: [
      {
        kind: 'Objective',
        plural: 'objectives',
        namespaced: true,
        schema: objectiveSchema(),
        status: true,
        selectableFields: ['.status.phase'],
      },
    ],
  });
const core = () =>
  openApiDocument({
    group: '',
    version: 'v1',
    resources: [
      { kind: 'ConfigMap', plural: 'configmaps', namespaced: true },
      { kind: 'Namespace', plural: 'namespaces', namespaced: false, status: true },
    ],
  });
const at = (value: unknown, ...path: string[]) =>
  path.reduce<unknown>((found, key) => (isJsonObject(found) ? found[key] : undefined), value);

describe('the document of our kinds', () => {
  it('explains a field with the words of the CRD', () => {
    const debate = at(
      ours(),
      'components',
      'schemas',
      'dev.darkcarnival.v1alpha1.Objective',
      'properties',
      'spec',
      'properties',
      'debate',
    );
    expect(at(debate, 'description')).toBe(
      at(objectiveSchema(), 'properties', 'spec', 'properties', 'debate', 'description'),
    );
  });
  it('names its kind, so that kubectl finds the schema, and what can be selected by', () => {
    const objective = at(ours(), 'components', 'schemas', 'dev.darkcarnival.v1alpha1.Objective');
    expect(at(objective, 'x-kubernetes-group-version-kind')).toEqual([
      { group: 'darkcarnival.dev', kind: 'Objective', version: 'v1alpha1' },
    ]);
    expect(at(objective, 'x-kubernetes-selectable-fields')).toEqual([{ fieldPath: 'status.phase' }]);
  });
  it('tells kubectl that the server validates fields and does dry runs', () => {
    const patch = at(
      ours(),
      'paths',
      '/apis/darkcarnival.dev/v1alpha1/namespaces/{namespace}/objectives/{name}',
      'patch',
    );
    expect(at(patch, 'x-kubernetes-action')).toBe('patch');
    expect((at(patch, 'parameters') as { name: string }[]).map(({ name }) => name)).toEqual([
      'dryRun',
      'fieldManager',
      'fieldValidation',
      'force',
    ]);
    expect(Object.keys(at(patch, 'requestBody', 'content') as object)).not.toContain(
      'application/strategic-merge-patch+json',
    );
  });
  it('describes every path that is served', () => {
    expect(Object.keys(ours()['paths'] as object)).toEqual([
      '/apis/darkcarnival.dev/v1alpha1/namespaces/{namespace}/objectives',
      '/apis/darkcarnival.dev/v1alpha1/namespaces/{namespace}/objectives/{name}',
      '/apis/darkcarnival.dev/v1alpha1/namespaces/{namespace}/objectives/{name}/status',
      '/apis/darkcarnival.dev/v1alpha1/objectives',
    ]);
  });
  it('carries every schema that it refers to', () => {
    const document = ours();
    const names = [...JSON.stringify(document).matchAll(/#\/components\/schemas\/([^"]+)/g)].map(
      (match) => match[1] ?? '',
    );
    const schemas = Object.keys(at(document, 'components', 'schemas') as object);
    expect(names.filter((name) => !schemas.includes(name))).toEqual([]);
  });
});

describe('the document of built-in kinds', () => {
  it('explains them with the words of Kubernetes', () => {
    expect(at(core(), 'components', 'schemas', 'io.k8s.api.core.v1.ConfigMap', 'description')).toBe(
      'ConfigMap holds configuration data for pods to consume.',
    );
    const meta = at(
      core(),
      'components',
      'schemas',
      'io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta',
      'properties',
      'generation',
      'description',
    );
    expect(meta).toMatch(/^A sequence number representing a specific generation of the desired state/);
  });
  it('offers strategic merge patch, and no namespace where there is none', () => {
    const patch = at(
      core(),
      'paths',
      '/api/v1/namespaces/{namespace}/configmaps/{name}',
      'patch',
      'requestBody',
      'content',
    );
    expect(Object.keys(patch as object)).toContain('application/strategic-merge-patch+json');
    expect(Object.keys(core()['paths'] as object)).toContain('/api/v1/namespaces/{name}/status');
  });
  it('lets a review only be created', () => {
    const document = openApiDocument({
      group: 'authorization.k8s.io',
      version: 'v1',
      resources: [
        { kind: 'SelfSubjectAccessReview', plural: 'selfsubjectaccessreviews', namespaced: false, createOnly: true },
      ],
    });
    expect(
      Object.keys(at(document, 'paths', '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews') as object),
    ).toEqual(['post', 'parameters']);
  });
});

describe('the index', () => {
  it('points to each document under a hash that changes with it, and only with it', () => {
    const hash = openApiHash(ours());
    expect(openApiHash(ours())).toBe(hash);
    expect(openApiHash(core())).not.toBe(hash);
    expect(
      openApiIndex([
        { group: 'darkcarnival.dev', version: 'v1alpha1', hash },
        { group: '', version: 'v1', hash: 'B' },
      ]),
    ).toEqual({
      paths: {
        'api/v1': { serverRelativeURL: '/openapi/v3/api/v1?hash=B' },
        'apis/darkcarnival.dev/v1alpha1': {
          serverRelativeURL: `/openapi/v3/apis/darkcarnival.dev/v1alpha1?hash=${hash}`,
        },
      },
    });
  });
});
