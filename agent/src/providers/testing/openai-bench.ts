import type { ProviderGrant } from '@dark-carnival/crds';
import { systemClock } from '@dark-carnival/crds/clock';
import { endpointOf } from '../families.ts';
import { ConnectionPool } from '../guarded-fetch.ts';
import { createOpenAIProvider } from '../openai.ts';
import type { Provider } from '../provider.ts';

export const KEY = 'sk-test-4f9a1c0d77e2';
/** Closed by the test file that used it. */
export const pool = new ConnectionPool();

/** A provider of the OpenAI wire at a test server. */
export function openAIAt(url: string, more: Partial<ProviderGrant> = {}): Provider {
  return openAIFor({
    name: 'mistral',
    type: 'OpenAICompatible',
    endpoint: `${url}/v1/`,
    model: 'fixture-model',
    apiKey: KEY,
    probeIntervalSeconds: 300,
    ...more,
  });
}

export function openAIFor(grant: ProviderGrant): Provider {
  const endpoint = endpointOf(grant);
  if (!endpoint) throw new Error('the grant names no place');
  return createOpenAIProvider({ grant, endpoint, pool, clock: systemClock, refusedHosts: [] });
}
