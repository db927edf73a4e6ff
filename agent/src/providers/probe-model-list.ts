import type { ProviderGrant, ProviderHealth } from '@dark-carnival/crds';
import { z } from 'zod';
import { classifyAnswer } from './classify-failure.ts';
import type { Endpoint } from './families.ts';
import { ProviderError } from './provider-error.ts';

/** Both wires list models as `data[].id`; Gemini prefixes its ids with `models/`. */
const modelList = z.object({ data: z.array(z.object({ id: z.string().max(256) })).max(10_000) });

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

interface ProbeOptions {
  grant: ProviderGrant;
  endpoint: Endpoint;
  fetch: typeof fetch;
  signal: AbortSignal;
}

/** Asks for the list of models, which costs nothing anywhere, and says whether the provider's own model is in it. Never throws. */
export async function probeModelList({ grant, endpoint, fetch, signal }: ProbeOptions): Promise<ProviderHealth> {
  const health = (healthy: ProviderHealth['healthy'], reason: string): ProviderHealth => ({
    name: grant.name,
    healthy,
    ...(grant.model === undefined ? {} : { model: grant.model }),
    reason,
  });
  if (endpoint.family.needsKey && !endpoint.authorization) return health('False', 'NoCredentials');
  try {
    const response = await fetch(listURL(endpoint), {
      headers: { accept: 'application/json', ...versionOf(endpoint) },
      signal,
    });
    if (!response.ok) {
      const body = (await response.text()).slice(0, 2000);
      const kind = classifyAnswer({ status: response.status, body });
      // A bridge need not have a list: it answered, and nothing more is known for free.
      if (kind === 'not-found' && !endpoint.family.listIsComplete) return health('Unknown', 'NoModelList');
      return health('False', HEALTH_REASONS[kind]);
    }
    const list = modelList.safeParse(await response.json());
    if (!list.success) return health('False', 'NotAnAPI');
    const ids = list.data.data.map(({ id }) => id);
    if (grant.model === undefined || isListed(grant.model, ids)) return health('True', 'Healthy');
    return endpoint.family.listIsComplete ? health('False', 'ModelNotListed') : health('True', 'ModelNotListed');
  } catch (error) {
    if (signal.aborted) return health('False', 'Unreachable');
    const own = ownError(error);
    return health('False', own ? HEALTH_REASONS[own.kind] : error instanceof SyntaxError ? 'NotAnAPI' : 'Unreachable');
  }
}

const listURL = ({ wire, baseURL }: Endpoint): string =>
  wire === 'Anthropic' ? `${baseURL}/v1/models?limit=1000` : `${baseURL}/models`;

const versionOf = ({ wire }: Endpoint): Record<string, string> =>
  wire === 'Anthropic' ? { 'anthropic-version': '2023-06-01' } : {};

const isListed = (model: string, ids: readonly string[]): boolean =>
  ids.some((id) => id === model || id === `models/${model}` || id === `${model}:latest`);

function ownError(error: unknown): ProviderError | undefined {
  if (ProviderError.isInstance(error)) return error;
  return error instanceof Error && ProviderError.isInstance(error.cause) ? error.cause : undefined;
}
