import type { ProviderGrant } from '../wire/node.ts';
import { findProviders } from './find-providers.ts';
import type { FoundProvider } from './found-provider.ts';
import { CATALOGUE } from './generated/catalogue-data.ts';
import { ollamaUrl } from './ollama-url.ts';

export interface EnvironmentProviders {
  /** What variables name, in the order of the default chain; an Ollama comes last, and is asked for its newest model where none is named. */
  grants: ProviderGrant[];
  /** The Ollama of this machine, where no variable names one: whether it is there is found out by its probe. */
  localOllama?: ProviderGrant;
  /** What is set but leads nowhere. Names of variables, never values. */
  warnings: string[];
  /** What was understood otherwise than it stands there. */
  notes: string[];
}

/**
 * The providers of a wagon's own, by the same variables that `carnival up` reads. Pure.
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
  const isNamed = model !== undefined || settings.has(endpoint);
  const grants = found.map(toGrant);
  return isNamed ? { grants: [...grants, ollama], warnings, notes } : { grants, localOllama: ollama, warnings, notes };
}

/** Names of the variables that hold keys. Wherever they are read they are taken out of the environment, so that no child process inherits them. */
export const KEY_VARIABLES: ReadonlySet<string> = new Set(
  CATALOGUE.environment.flatMap(({ keys, azureKeys }) => [...keys, ...azureKeys]),
);

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
