import { type EnvironmentProviders, MAX_PROVIDERS, type ProviderGrant, PUBLIC_ENDPOINTS } from '@dark-carnival/crds';
import type { WagonConfig } from './config.ts';

/** What a wagon has from the start: what its variables name, and where it answers to nobody also the Ollama of its machine. */
export function ownGrants({
  ownProviders,
  ringmasterUrl,
}: Pick<WagonConfig, 'ownProviders' | 'ringmasterUrl'>): ProviderGrant[] {
  if (ownProviders === undefined) return [];
  const { grants, localOllama } = ownProviders;
  return ringmasterUrl === undefined && localOllama !== undefined ? [...grants, localOllama] : grants;
}

/**
 * What a wagon may ask that has a hub: what the hub grants, with this wagon's own keys where the hub gives none, and what this wagon has besides.
 * A key of its own goes where its own variables send it and nowhere else: a hub cannot name another place for it.
 * @param keyOf a key that was given to this wagon for a provider of that name, wherever it is.
 */
export function withOwn(
  granted: readonly ProviderGrant[],
  own: readonly ProviderGrant[],
  keyOf: (provider: string) => string | undefined,
): ProviderGrant[] {
  const complete = granted.map((grant) => {
    const apiKey = grant.apiKey ?? keyOf(grant.name) ?? own.find((each) => isSamePlace(each, grant))?.apiKey;
    return apiKey === undefined ? grant : { ...grant, apiKey };
  });
  const names = new Set(granted.map(({ name }) => name));
  return [...complete, ...own.filter(({ name }) => !names.has(name))].slice(0, MAX_PROVIDERS);
}

function isSamePlace(a: ProviderGrant, b: ProviderGrant): boolean {
  const place = originOf(a);
  return a.name === b.name && a.type === b.type && place !== undefined && place === originOf(b);
}

function originOf({ type, endpoint = PUBLIC_ENDPOINTS[type] }: ProviderGrant): string | undefined {
  return endpoint !== undefined && URL.canParse(endpoint) ? new URL(endpoint).origin : undefined;
}

/** What the start says of the providers of a wagon's own: one line each, without keys. @param isLone it answers to no hub, so nobody else brings any. */
export function ownProviderLines(own: EnvironmentProviders, isLone: boolean): string[] {
  const found = own.grants.map(({ name, model }) => (model === undefined ? name : `${name} (${model})`));
  const said =
    found.length > 0
      ? [`providers of its own: ${found.join(', ')}`]
      : isLone
        ? [
            'no variable names a provider: an Ollama of this machine is asked, else rehearsals answer (docs/providers.md)',
          ]
        : [];
  return [...said, ...own.warnings, ...own.notes];
}
