import type { ProviderGrant } from '@dark-carnival/crds';
import type { Provider } from './provider.ts';
import { ProviderError } from './provider-error.ts';

/** Stands for a grant that names no usable endpoint, so that it is seen in the wagon's health and not just missing. */
export function createUnplacedProvider({ name, type, model = '' }: ProviderGrant): Provider {
  return {
    name,
    type,
    model,
    capabilities: [],
    complete: () =>
      Promise.reject(
        new ProviderError('bad-request', `${name} has no usable endpoint: set spec.endpoint`, { provider: name }),
      ),
    probe: () => Promise.resolve({ name, healthy: 'False', ...(model === '' ? {} : { model }), reason: 'NoEndpoint' }),
  };
}
