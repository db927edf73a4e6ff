import { objectAt } from '../../json/json.ts';
import type { KubeObject } from '../../json/kube-object.ts';
import { type FieldError, fieldError } from '../../schema/field-error.ts';
import { builtinResource } from './builtin-strategy.ts';
import { int32, microTime, string, struct } from './go-fields.ts';

function validateSpec(object: KubeObject): FieldError[] {
  const spec = objectAt(object, 'spec') ?? {};
  const errors: FieldError[] = [];
  const { leaseDurationSeconds: duration, leaseTransitions: transitions, strategy, preferredHolder } = spec;
  if (typeof duration === 'number' && duration <= 0) {
    errors.push(fieldError.invalid('spec.leaseDurationSeconds', duration, 'must be greater than 0'));
  }
  if (typeof transitions === 'number' && transitions < 0) {
    errors.push(fieldError.invalid('spec.leaseTransitions', transitions, 'must be greater than or equal to 0'));
  }
  if (preferredHolder && !strategy) {
    errors.push(fieldError.forbidden('spec.preferredHolder', 'may only be specified if `strategy` is defined'));
  }
  return errors;
}

export const leases = builtinResource({
  group: 'coordination.k8s.io',
  version: 'v1',
  plural: 'leases',
  singular: 'lease',
  kind: 'Lease',
  shortNames: [],
  namespaced: true,
  fields: {
    spec: struct('LeaseSpec', {
      holderIdentity: string,
      leaseDurationSeconds: int32,
      acquireTime: microTime,
      renewTime: microTime,
      leaseTransitions: int32,
      strategy: string,
      preferredHolder: string,
    }),
  },
  always: { spec: {} },
  validate: validateSpec,
  strategy: { allowCreateOnUpdate: true, allowUnconditionalUpdate: false },
});
