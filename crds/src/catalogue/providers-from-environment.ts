import type { ProviderGrant } from '../wire/node.ts';
import { findProviders } from './find-providers.ts';
import type { FoundProvider } from './found-provider.ts';
import { CATALOGUE } from './generated/catalogue-data.ts';
import { ollamaUrl } from './ollama-url.ts';

export interface EnvironmentProviders {
  /** In the order of the default chain; an Ollama comes last, and is asked for its newest model where none is named. */
  grants: ProviderGrant[];
  /** What is set but leads nowhere. Names of variables, never values. */
  warnings: string[];
  /** What was understood otherwise than it stands there. */
  notes: string[];
}

/**
 * The providers of a wagon that answers to nobody, by the same variables that `carnival up` reads. Pure. A local Ollama is always among
 * them: whether it is there is found out by its probe.
 * @param env Empty values count as not set.
 */
export function providersFromEnvironment(env: Readonly<Record<string, string | undefined>>): EnvironmentProviders {
  const settings = new Map(
    Object.entries(env).flatMap(([name, value]) => {
      const trimmed = value?.trim();
      return trimmed ? [[name, { value: trimmed, from: 'the environment' }] as const] : [];
    }),
  );
  const { found, warnings, notes } = findProviders(settings);
  const { endpoint, modelVariable } = CATALOGUE.ollama;
  const model = settings.get(modelVariable)?.value;
  const ollama: ProviderGrant = {
    name: 'ollama',
    type: 'Ollama',
    endpoint: ollamaUrl(settings.get(endpoint)?.value),
    ...(model === undefined ? {} : { model }),
    probeIntervalSeconds: 300,
  };
  return { grants: [...found.map(toGrant), ollama], warnings, notes };
}

function toGrant({ name, type, model, endpoint, wire, prices, apiKey }: FoundProvider): ProviderGrant {
  return {
    name,
    type,
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(wire === undefined ? {} : { wire }),
    ...(model === undefined ? {} : { model }),
    ...(prices === undefined ? {} : { prices }),
    ...(apiKey === undefined ? {} : { apiKey }),
    probeIntervalSeconds: 300,
  };
}
