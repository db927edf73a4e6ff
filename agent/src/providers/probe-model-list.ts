import type { ProviderGrant, ProviderHealth } from '@dark-carnival/crds';
import { z } from 'zod';
import { causeOfCode, classifyAnswer } from './classify-failure.ts';
import type { Endpoint } from './families.ts';
import { HEALTH_REASONS } from './health-reasons.ts';
import { judgeModel } from './judge-model.ts';
import { ProviderError } from './provider-error.ts';
import { connectionCode } from './translate-error.ts';

/** Both wires list models as `data[].id`. */
const modelList = z.object({ data: z.array(z.object({ id: z.string().max(256) })).max(10_000) });

export interface ProbeOptions {
  grant: ProviderGrant;
  endpoint: Endpoint;
  fetch: typeof fetch;
  signal: AbortSignal;
  /** Wall clock, milliseconds since the epoch. */
  now: number;
}

/** Asks for the list of models, which costs nothing anywhere, and says whether the provider's own model is in it. Never throws. */
export async function probeModelList({ grant, endpoint, fetch, signal, now }: ProbeOptions): Promise<ProviderHealth> {
  const base = baseOf(grant);
  const { family } = endpoint;
  if (family.needsKey && !endpoint.authorization) return { ...base, healthy: 'False', reason: 'NoCredentials' };
  try {
    const response = await fetch(listURL(endpoint), {
      headers: { accept: 'application/json', ...versionOf(endpoint) },
      signal,
    });
    if (!response.ok) {
      const body = (await response.text()).slice(0, 2000);
      const kind = classifyAnswer({ status: response.status, body });
      // A bridge need not have a list: it answered, and nothing more is known for free.
      if (kind === 'not-found' && !family.listIsComplete) return { ...base, healthy: 'Unknown', reason: 'NoModelList' };
      return { ...base, healthy: 'False', reason: HEALTH_REASONS[kind] };
    }
    const list = modelList.safeParse(await response.json());
    if (!list.success) return { ...base, healthy: 'False', reason: 'NotAnAPI' };
    const ids = list.data.data.map(({ id }) => id);
    return { ...base, ...judgeModel({ grant, ids, isComplete: family.listIsComplete, now }) };
  } catch (error) {
    return probeFailure(grant, error, signal);
  }
}

/** What a probe that failed without an answer says. */
export function probeFailure(grant: ProviderGrant, error: unknown, signal: AbortSignal): ProviderHealth {
  const own = signal.aborted ? undefined : ownError(error);
  const isNoAPI = !signal.aborted && (error instanceof SyntaxError || error instanceof z.ZodError);
  const reason = own ? HEALTH_REASONS[own.kind] : isNoAPI ? 'NotAnAPI' : 'Unreachable';
  const cause = signal.aborted ? 'TimedOut' : causeOfCode(connectionCode(error));
  return {
    ...baseOf(grant),
    healthy: 'False',
    reason,
    ...(reason === 'Unreachable' && cause !== undefined ? { cause } : {}),
  };
}

const baseOf = ({ name, model }: ProviderGrant) => ({ name, ...(model === undefined ? {} : { model }) });

/** Where a wire lists its models. */
export const listURL = ({ wire, baseURL }: Pick<Endpoint, 'wire' | 'baseURL'>): string =>
  wire === 'Anthropic' ? `${baseURL}/v1/models?limit=1000` : `${baseURL}/models`;

const versionOf = ({ wire }: Endpoint): Record<string, string> =>
  wire === 'Anthropic' ? { 'anthropic-version': '2023-06-01' } : {};

function ownError(error: unknown): ProviderError | undefined {
  if (ProviderError.isInstance(error)) return error;
  return error instanceof Error && ProviderError.isInstance(error.cause) ? error.cause : undefined;
}
