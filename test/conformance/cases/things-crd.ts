/** A kind with something of everything that a structural schema can say. */
const text = (maxLength: number) => ({ type: 'string', maxLength });

const SPEC = {
  type: 'object',
  required: ['name'],
  properties: {
    name: { type: 'string', minLength: 2, maxLength: 20, pattern: '^[a-z-]+$', description: 'name of the thing.' },
    count: { type: 'integer', format: 'int32', minimum: 0, maximum: 100, default: 1 },
    ratio: { type: 'number', maximum: 2.5, exclusiveMaximum: true, multipleOf: 0.5 },
    mode: { type: 'string', enum: ['Fast', 'Slow'], default: 'Fast' },
    on: { type: 'boolean' },
    at: { type: 'string', format: 'date-time' },
    size: { 'x-kubernetes-int-or-string': true },
    tags: { type: 'array', maxItems: 3, 'x-kubernetes-list-type': 'set', items: text(10) },
    words: { type: 'array', minItems: 1, maxItems: 3, items: text(10) },
    parts: {
      type: 'array',
      maxItems: 5,
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['id'],
      items: {
        type: 'object',
        required: ['id'],
        properties: { id: text(10), value: text(10), weight: { type: 'integer', default: 7 } },
        'x-kubernetes-validations': [
          { rule: '!has(self.value) || !has(oldSelf.value) || self.value == oldSelf.value', message: 'value is fixed' },
        ],
      },
    },
    ports: {
      type: 'array',
      maxItems: 4,
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['port', 'protocol'],
      items: {
        type: 'object',
        required: ['port'],
        properties: {
          port: { type: 'integer' },
          protocol: { type: 'string', default: 'TCP', maxLength: 10 },
          notes: { type: 'object', additionalProperties: text(10) },
          tags: { type: 'array', maxItems: 3, 'x-kubernetes-list-type': 'set', items: text(10) },
        },
      },
    },
    grains: {
      type: 'object',
      'x-kubernetes-map-type': 'granular',
      additionalProperties: { type: 'object', properties: { a: text(10), b: text(10) } },
    },
    atomicMap: { type: 'object', 'x-kubernetes-map-type': 'atomic', additionalProperties: text(10) },
    labels: {
      type: 'object',
      maxProperties: 3,
      additionalProperties: { ...text(10), 'x-kubernetes-validations': [{ rule: "self != 'bad'" }] },
    },
    note: { type: 'string', maxLength: 10, nullable: true },
    any: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
    inner: {
      type: 'object',
      default: {},
      properties: {
        x: { type: 'string', default: 'dx', maxLength: 10 },
        y: { type: 'integer', default: 3 },
        deep: { type: 'object', properties: { z: { type: 'integer', default: 9 } } },
      },
    },
    atomic: { type: 'object', 'x-kubernetes-map-type': 'atomic', properties: { a: text(10), b: text(10) } },
    gate: {
      type: 'object',
      properties: { a: text(10), b: { type: 'integer' } },
      'x-kubernetes-validations': [
        { rule: 'has(self.a) || has(self.b)', reason: 'FieldValueRequired', message: 'one of a and b' },
        { rule: "!has(self.a) || self.a != 'dup'", reason: 'FieldValueDuplicate', fieldPath: '.a' },
        {
          rule: "!has(self.a) || self.a != 'me'",
          messageExpression: "'a is ' + self.a",
          reason: 'FieldValueForbidden',
        },
        { rule: "!has(self.a) || self.a != 'empty'", messageExpression: "''" },
        { rule: '!has(self.b) || 10 / self.b > 0', message: 'ten over b' },
        { rule: '!has(oldSelf.b) || (has(self.b) && self.b >= oldSelf.b)', message: 'b grows' },
      ],
    },
  },
};

export const THINGS_GROUP = 'conformance.darkcarnival.dev';

export const THINGS = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: `things.${THINGS_GROUP}` },
  spec: {
    group: THINGS_GROUP,
    scope: 'Namespaced',
    names: { plural: 'things', kind: 'Thing', shortNames: ['th'], categories: ['conformance'] },
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        subresources: { status: {} },
        selectableFields: [{ jsonPath: '.spec.mode' }, { jsonPath: '.status.phase' }],
        additionalPrinterColumns: [
          { name: 'Mode', type: 'string', jsonPath: '.spec.mode', description: 'How it goes' },
          { name: 'Count', type: 'integer', jsonPath: '.spec.count' },
          { name: 'Ratio', type: 'number', jsonPath: '.spec.ratio' },
          { name: 'On', type: 'boolean', jsonPath: '.spec.on' },
          { name: 'Ready', type: 'string', jsonPath: '.status.conditions[?(@.type=="Ready")].status' },
          { name: 'Reason', type: 'string', jsonPath: '.status.conditions[?(@.type=="Ready")].reason', priority: 1 },
          { name: 'Since', type: 'date', jsonPath: '.spec.at', priority: 1 },
          { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
        ],
        schema: {
          openAPIV3Schema: {
            type: 'object',
            description: 'Thing is there to be compared.',
            properties: {
              spec: SPEC,
              status: {
                type: 'object',
                properties: {
                  phase: { type: 'string', enum: ['New', 'Ready'] },
                  conditions: {
                    type: 'array',
                    maxItems: 5,
                    'x-kubernetes-list-type': 'map',
                    'x-kubernetes-list-map-keys': ['type'],
                    items: {
                      type: 'object',
                      required: ['type', 'status'],
                      properties: { type: text(20), status: text(10), reason: text(20) },
                    },
                  },
                },
              },
            },
          },
        },
      },
    ],
  },
};
