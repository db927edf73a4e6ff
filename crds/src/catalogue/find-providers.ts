import { type AzureEndpoint, readAzureEndpoint } from './azure-endpoint.ts';
import type { ProviderVariables } from './catalogue-schema.ts';
import { findModel } from './find-model.ts';
import type { FoundProvider } from './found-provider.ts';
import { CATALOGUE } from './generated/catalogue-data.ts';

/** Variables by name, each with where it was read. */
export type Settings = ReadonlyMap<string, { value: string; from: string }>;

export interface FindResult {
  found: FoundProvider[];
  /** What is set but leads nowhere, in words: one line each. */
  warnings: string[];
  /** What was understood otherwise than it stands there, in words: one line each. */
  notes: string[];
}

/** Finds the providers that the variables describe. Pure; keys are in the result only, never in a warning or a note. */
export function findProviders(settings: Settings): FindResult {
  const result: FindResult = { found: [], warnings: [], notes: [] };
  for (const row of CATALOGUE.environment) findOne(row, settings, result);
  return result;
}

function findOne(row: ProviderVariables, settings: Settings, result: FindResult): void {
  const endpoint = settings.get(row.endpoint);
  // Azure serves Claude too, but not on the OpenAI wire: that URL is meant as it stands.
  const azure = endpoint && row.type !== 'Anthropic' ? readAzureEndpoint(endpoint.value) : undefined;
  const own = firstSet(row.keys, settings);
  if (row.needs === 'Endpoint' ? !endpoint : !endpoint && !own) return;
  // A key of the provider's own cloud is not shown to Azure: it is bound to its host. Any other endpoint may be a gateway with either.
  const keyNames =
    azure && row.azureKeys.length > 0 ? row.azureKeys : [...row.keys, ...(endpoint ? row.azureKeys : [])];
  const keyName = firstSet(keyNames, settings);
  if (endpoint && !keyName && row.key !== 'Optional') {
    result.warnings.push(`${row.endpoint} is set, but no key for it: set ${keyNames.join(' or ')}`);
    if (own) findAtHome(row, own, settings, result);
    return;
  }
  if (azure?.isRewritten) {
    const { base } = azure;
    result.notes.push(`${row.endpoint} names a retired route of Azure: ${base} is used, with the deployment as model`);
  }
  const address = endpoint ? (azure ?? readPlainEndpoint(endpoint.value)) : {};
  if (!address)
    result.warnings.push(`${row.endpoint} is no http(s) URL without a password in it: ${row.label} is left out`);
  else add(row, address, keyName, settings, result);
}

/** The endpoint has no key, but the family's own cloud has: that one is used. */
function findAtHome(row: ProviderVariables, keyName: string, settings: Settings, result: FindResult): void {
  result.notes.push(`${keyName} is the key of ${row.label}'s own cloud: that is used`);
  const without = new Map([...settings].filter(([name]) => name !== row.endpoint));
  add(row, {}, keyName, without, result);
}

function add(
  row: ProviderVariables,
  address: Partial<Pick<AzureEndpoint, 'base' | 'deployment'>>,
  keyName: string | undefined,
  settings: Settings,
  { found, warnings }: FindResult,
): void {
  const { name, type, label } = row;
  const model = settings.get(row.modelVariable)?.value ?? address.deployment ?? row.model;
  if (model === undefined) {
    warnings.push(`${row.endpoint} is set, but ${row.modelVariable} is not: ${label} is left out`);
    return;
  }
  const wire = readWire(row.wireVariable === undefined ? undefined : settings.get(row.wireVariable)?.value);
  const key = keyName === undefined ? undefined : settings.get(keyName);
  const { base: endpoint } = address;
  const prices = findModel({ type, endpoint }, model)?.prices;
  found.push({
    name,
    type,
    label,
    model,
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(wire ? { wire } : {}),
    ...(prices ? { prices } : {}),
    foundIn: describeSource([row.endpoint, keyName], settings),
    ...(key ? { apiKey: key.value } : {}),
  });
}

const firstSet = (names: readonly string[], settings: Settings): string | undefined =>
  names.find((name) => settings.has(name));

function readPlainEndpoint(url: string): { base: string } | undefined {
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
