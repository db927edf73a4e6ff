import { CATALOGUE } from '@dark-carnival/crds';

/** Reasons of a provider's health, as they stand in status. */
export const HEALTH_REASONS = {
  unauthorized: 'Unauthorized',
  quota: 'QuotaExhausted',
  'rate-limited': 'RateLimited',
  'not-found': 'NotFound',
  unreachable: 'Unreachable',
  timeout: 'Unreachable',
  overloaded: 'Overloaded',
  unusable: 'NotAnAPI',
  'bad-request': 'Refused',
} as const;

/** Reason of a provider that stands in a chain, but that this wagon was not given. */
export const NOT_GRANTED = 'NotGranted';

/** What to do where an Ollama has no model. */
export const NO_MODEL_PULLED = `none is pulled; run: ollama pull ${CATALOGUE.ollama.suggestedModel}`;
