import type { ModelProviderSpec } from '@dark-carnival/crds';

/** Whether a provider's key may be used, and the key. */
export type CredentialOutcome =
  /** The provider names no Secret: it is asked without a key. */
  | { outcome: 'none' }
  | { outcome: 'granted'; key: string }
  /** The Secret, or the key in it, does not exist. */
  | { outcome: 'missing'; message: string }
  /** The Secret has not opted in to being sent to this host. */
  | { outcome: 'withheld'; message: string };

/**
 * Keys of ModelProviders. A Secret is used only if it opts in: by label, and by an annotation that covers the endpoint's host. Else anyone who may create a
 * ModelProvider could send any Secret anywhere.
 */
export interface ProviderCredentials {
  /** @throws when the API server cannot be asked: unknown is not missing. */
  keyFor(namespace: string, spec: ModelProviderSpec): Promise<CredentialOutcome>;
}
