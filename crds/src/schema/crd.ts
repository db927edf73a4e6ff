import { GROUP, VERSION } from '../meta/labels.ts';
import type { KindDefinition } from '../v1alpha1/kind.ts';
import type { CelRule } from './fields.ts';
import { MUTABLE, VALIDATIONS } from './fields.ts';
import { immutabilityRule } from './immutability.ts';
import { type StructuralSchema, toStructuralSchema, walkSchema } from './json-schema.ts';

/** A CustomResourceDefinition, as far as it is generated here. */
export interface CustomResourceDefinition {
  apiVersion: 'apiextensions.k8s.io/v1';
  kind: 'CustomResourceDefinition';
  metadata: { name: string };
  spec: {
    group: string;
    scope: 'Namespaced';
    names: {
      kind: string;
      listKind: string;
      plural: string;
      singular: string;
      shortNames: string[];
      categories: string[];
    };
    versions: {
      name: string;
      served: boolean;
      storage: boolean;
      schema: { openAPIV3Schema: StructuralSchema };
      subresources: { status: Record<string, never> };
      additionalPrinterColumns: unknown[];
      selectableFields?: { jsonPath: string }[];
    }[];
  };
}

/** The whole schema of a kind, with its CEL rules in place and our own marks removed. */
export function kindSchema(kind: KindDefinition): StructuralSchema {
  const spec = toStructuralSchema(kind.spec);
  const status = toStructuralSchema(kind.status);
  const hasMutable = Object.values(spec.properties ?? {}).some((member) => member[MUTABLE] === true);
  const pinned = hasMutable ? immutabilityRule(spec) : undefined;
  const specRules: CelRule[] = [...(pinned ? [pinned] : []), ...(spec[VALIDATIONS] ?? [])];
  for (const part of [spec, status]) walkSchema(part, (node) => delete node[MUTABLE]);
  return {
    type: 'object',
    description: kind.description,
    required: ['spec'],
    properties: {
      apiVersion: {
        type: 'string',
        description: 'APIVersion defines the versioned schema of this representation of an object.',
      },
      kind: {
        type: 'string',
        description: 'Kind is a string value representing the REST resource this object represents.',
      },
      metadata: { type: 'object' },
      spec: {
        ...spec,
        description: `spec is what people ask of the ${kind.kind}.`,
        ...(specRules.length > 0 ? { [VALIDATIONS]: specRules } : {}),
      },
      status: { ...status, description: `status is what the controller observed of the ${kind.kind}.` },
    },
    [VALIDATIONS]: kind.rootRules,
  };
}

/** The CustomResourceDefinition of a kind. */
export function customResourceDefinition(kind: KindDefinition): CustomResourceDefinition {
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${kind.plural}.${GROUP}` },
    spec: {
      group: GROUP,
      scope: 'Namespaced',
      names: {
        kind: kind.kind,
        listKind: `${kind.kind}List`,
        plural: kind.plural,
        singular: kind.singular,
        shortNames: kind.shortNames,
        categories: ['carnival'],
      },
      versions: [
        {
          name: VERSION,
          served: true,
          storage: true,
          schema: { openAPIV3Schema: kindSchema(kind) },
          subresources: { status: {} },
          additionalPrinterColumns: kind.columns,
          ...(kind.selectableFields.length > 0
            ? { selectableFields: kind.selectableFields.map((jsonPath) => ({ jsonPath })) }
            : {}),
        },
      ],
    },
  };
}
