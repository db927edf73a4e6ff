import type { JsonObject } from '../json/json.ts';

/** The CRD of a kind that exists for tests: a status subresource, a default, an enum, a rule, a selectable field, columns. */
export const JUGGLES_CRD: JsonObject = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'juggles.circus.test' },
  spec: {
    group: 'circus.test',
    scope: 'Namespaced',
    names: {
      plural: 'juggles',
      singular: 'juggle',
      kind: 'Juggle',
      listKind: 'JuggleList',
      shortNames: ['jg'],
      categories: ['circus'],
    },
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        subresources: { status: {} },
        selectableFields: [{ jsonPath: '.status.phase' }],
        additionalPrinterColumns: [{ name: 'Phase', type: 'string', jsonPath: '.status.phase' }],
        schema: {
          openAPIV3Schema: {
            type: 'object',
            required: ['spec'],
            properties: {
              spec: {
                type: 'object',
                required: ['balls'],
                'x-kubernetes-validations': [{ rule: 'self.balls < 100', message: 'that is too many' }],
                properties: {
                  balls: { type: 'integer', minimum: 1 },
                  style: { type: 'string', default: 'cascade', enum: ['cascade', 'fountain'] },
                },
              },
              status: { type: 'object', properties: { phase: { type: 'string' } } },
            },
          },
        },
      },
    ],
  },
};

/** Where they are served, in the namespace `default`. */
export const JUGGLES = '/apis/circus.test/v1/namespaces/default/juggles';

/** One of them. */
export function juggle(name: string, more: { metadata?: JsonObject; spec?: JsonObject } = {}): JsonObject {
  return {
    apiVersion: 'circus.test/v1',
    kind: 'Juggle',
    metadata: { name, ...more.metadata },
    spec: { balls: 3, ...more.spec },
  };
}

export const CONFIG_MAPS = '/api/v1/namespaces/default/configmaps';

export function configMap(name: string, metadata: JsonObject = {}, data: JsonObject = {}): JsonObject {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, ...metadata }, data };
}
