import { describe, expect, it } from 'vitest';
import { objectiveKind } from '../v1alpha1/objective.ts';
import { kindSchema } from './crd.ts';
import { MUTABLE } from './fields.ts';
import { walkSchema } from './json-schema.ts';

describe('the CRD of Objective', () => {
  const schema = kindSchema(objectiveKind);
  const rules = (schema.properties?.['spec']?.['x-kubernetes-validations'] ?? []).map(({ rule }) => rule);
  it('pins every member of spec but the mutable ones', () => {
    expect(rules[0]).toContain('self.directive == oldSelf.directive && ');
    expect(rules[0]).toContain(
      'has(self.skills) == has(oldSelf.skills) && (!has(self.skills) || self.skills == oldSelf.skills)',
    );
    for (const mutable of ['desiredState', 'budget', 'retry', 'ttlSecondsAfterFinished', 'intervention'])
      expect(rules[0]).not.toContain(`self.${mutable} ==`);
  });
  it('never uses optional chaining, whose cost is over a hundred times the budget', () => {
    walkSchema(schema, (node) => {
      for (const { rule } of node['x-kubernetes-validations'] ?? []) expect(rule).not.toContain('.?');
    });
  });
  it('carries no mark of ours', () => {
    walkSchema(schema, (node) => expect(node[MUTABLE]).toBeUndefined());
  });
  it('has no default in status, which kube-apiserver would apply at creation', () => {
    walkSchema(schema.properties?.['status'] ?? {}, (node) => expect(node.default).toBeUndefined());
  });
});
