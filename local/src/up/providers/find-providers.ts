import { readAzureEndpoint } from './azure-endpoint.ts';
import { PROVIDER_VARIABLES, type ProviderVariables } from './catalogue.ts';
import type { FoundProvider } from './found-provider.ts';

/** Variables by name, each with where it was read. */
export type Settings = ReadonlyMap<string, { value: string; from: string }>;

export interface FindResult {
  found: FoundProvider[];
  /** What is set but leads nowhere, in words: one line each. */
  warnings: string[];
}

/** Finds the providers that the variables describe. Pure; keys are in the result only, never in a warning. */
export function findProviders(settings: Settings): FindResult {
  const result: FindResult = { found: [], warnings: [] };
  for (const variables of PROVIDER_VARIABLES) {
    const outcome = findOne(variables, settings);
    if (typeof outcome === 'string') result.warnings.push(outcome);
    else if (outcome) result.found.push(outcome);
  }
  return result;
}

/** @returns the provider, a warning, or nothing where none of its variables is set. */
function findOne(variables: ProviderVariables, settings: Settings): FoundProvider | string | undefined {
  const { name, type, label, keyIs, endpointIs } = variables;
  const endpoint = variables.endpoint === undefined ? undefined : settings.get(variables.endpoint);
  const keyNames = [...variables.keys, ...(endpoint ? (variables.azureKeys ?? []) : [])];
  const keyName = keyNames.find((each) => settings.has(each));
  const key = keyName === undefined ? undefined : settings.get(keyName);
  if (endpointIs === 'Required' ? !endpoint : !endpoint && !key) return undefined;
  if (!key && keyIs !== 'Optional') {
    return `${variables.endpoint} is set, but no key for it: set ${keyNames.join(' or ')}`;
  }
  const address = endpoint ? readEndpoint(endpoint.value) : {};
  if (!address) return `${variables.endpoint} is no http(s) URL without a password in it: ${label} is left out`;
  const model = settings.get(variables.modelVariable)?.value ?? address.deployment ?? variables.model;
  if (model === undefined)
    return `${variables.endpoint} is set, but ${variables.modelVariable} is not: ${label} is left out`;
  const wire = readWire(variables.wireVariable === undefined ? undefined : settings.get(variables.wireVariable)?.value);
  return {
    name,
    type,
    label,
    model,
    ...(address.base === undefined ? {} : { endpoint: address.base }),
    ...(wire ? { wire } : {}),
    foundIn: describeSource([variables.endpoint, keyName], settings),
    ...(key ? { apiKey: key.value } : {}),
  };
}

function readEndpoint(url: string): { base?: string; deployment?: string } | undefined {
  const azure = readAzureEndpoint(url);
  if (azure) return azure;
  if (!URL.canParse(url) || !/^https?:\/\/\S+$/.test(url)) return undefined;
  // It would be stored and shown as an address.
  const { username, password } = new URL(url);
  return username || password ? undefined : { base: url.replace(/\/+$/, '') };
}

function readWire(text: string | undefined): 'OpenAI' | 'Anthropic' | undefined {
  const wire = text?.toLowerCase();
  if (wire === 'openai') return 'OpenAI';
  return wire === 'anthropic' ? 'Anthropic' : undefined;
}

/** `KIMI_ENDPOINT and AZURE_API_KEY in .env` */
function describeSource(names: readonly (string | undefined)[], settings: Settings): string {
  const byPlace = new Map<string, string[]>();
  for (const name of names) {
    const from = name === undefined ? undefined : settings.get(name)?.from;
    if (name !== undefined && from !== undefined) byPlace.set(from, [...(byPlace.get(from) ?? []), name]);
  }
  return [...byPlace].map(([from, found]) => `${found.join(' and ')} in ${from}`).join(', ');
}
