import type { ProviderGrant } from '@dark-carnival/crds';
import type { Clock } from '@dark-carnival/crds/clock';
import { createAnthropicProvider } from './anthropic.ts';
import { createBridgeProvider } from './bridge.ts';
import { endpointOf } from './families.ts';
import type { ConnectionPool } from './guarded-fetch.ts';
import { createOllamaProvider } from './ollama.ts';
import { createOpenAIProvider } from './openai.ts';
import type { Provider } from './provider.ts';
import { createRehearsalProvider } from './rehearsal/rehearsal.ts';
import { createUnplacedProvider } from './unplaced.ts';

export interface ProviderDeps {
  pool: ConnectionPool;
  clock: Clock;
  /** `host:port` pairs that no provider may point at. */
  refusedHosts: readonly string[];
  /** Milliseconds between two pieces of what the Rehearsal says; absent: it does not wait. */
  rehearsalPieceMs?: number | undefined;
}

const CREATE = {
  OpenAI: createOpenAIProvider,
  Anthropic: createAnthropicProvider,
  Ollama: createOllamaProvider,
} as const;

/** Makes what stands behind a grant. A grant that names no usable place makes a provider that says so. */
export function createProvider(grant: ProviderGrant, { rehearsalPieceMs: pieceMs, ...deps }: ProviderDeps): Provider {
  if (grant.type === 'Rehearsal') {
    const pace = pieceMs === undefined ? {} : { pace: { clock: deps.clock, pieceMs } };
    return createRehearsalProvider({ name: grant.name, ...pace });
  }
  const endpoint = endpointOf(grant);
  if (!endpoint) return createUnplacedProvider(grant);
  if (grant.type === 'Claudeson' && grant.wire === undefined) return createBridgeProvider({ ...deps, grant });
  return CREATE[endpoint.wire]({ ...deps, grant, endpoint });
}
