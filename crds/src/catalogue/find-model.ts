import type { ProviderType } from '../v1alpha1/model-provider.ts';
import { isAzureHost } from './azure-endpoint.ts';
import type { CatalogueModel } from './catalogue-schema.ts';
import { CATALOGUE } from './generated/catalogue-data.ts';

/** What is known of a model where it is served. */
export interface KnownModel extends Omit<CatalogueModel, 'azure' | 'prices'> {
  /** US dollars per million tokens. */
  prices?: { inputPerMillionTokens: string; outputPerMillionTokens: string };
}

/** Where a model is asked for. */
export interface ModelPlace {
  type: ProviderType;
  /** Absent: the family's own public place. */
  endpoint?: string | undefined;
}

let index: ReadonlyMap<string, CatalogueModel> | undefined;

/**
 * What the catalogue knows of a model; nothing where the id is not in it. Spelling counts, but for case: Azure names deployments as people do
 * (`Kimi-K2.6`). A dated snapshot (`gpt-4o-2024-11-20`) is known by its family's name.
 */
export function findModel({ type, endpoint }: ModelPlace, id: string): KnownModel | undefined {
  const family = type === 'AzureOpenAI' ? 'OpenAI' : type;
  index ??= new Map(CATALOGUE.models.map((model) => [keyOf(model.type, model.id), model]));
  const found = index.get(keyOf(family, id)) ?? index.get(keyOf(family, id.replace(/-\d{4}-?\d{2}-?\d{2}$/, '')));
  if (!found) return undefined;
  const { azure, prices, ends, ...rest } = found;
  const onAzure = isOnAzure({ type, endpoint });
  const day = onAzure ? azure?.ends : ends;
  const dollars = (onAzure ? azure?.prices : undefined) ?? prices;
  return {
    ...rest,
    ...(day === undefined ? {} : { ends: day }),
    ...(dollars ? { prices: { inputPerMillionTokens: dollars[0], outputPerMillionTokens: dollars[1] } } : {}),
  };
}

/** The model that a family is asked for where nobody says, and so the one to go to when another is gone. */
export function usualModel(type: ProviderType): string | undefined {
  const family = type === 'AzureOpenAI' ? 'OpenAI' : type;
  return CATALOGUE.environment.find((row) => row.type === family && row.type !== 'Claudeson')?.model;
}

/** Ids of a family that the catalogue knows: of a long list these are the ones worth showing. */
export function isKnownModel(type: ProviderType, id: string): boolean {
  return findModel({ type }, id.replace(/^models\//, '')) !== undefined;
}

/** Whether a model's last day is over. @param now milliseconds since the epoch. */
export const hasEnded = ({ ends }: Pick<KnownModel, 'ends'>, now: number): boolean =>
  ends !== undefined && Date.parse(ends) <= now;

const keyOf = (type: string, id: string): string => `${type} ${id.toLowerCase()}`;

function isOnAzure({ type, endpoint }: ModelPlace): boolean {
  if (endpoint === undefined || !URL.canParse(endpoint)) return type === 'AzureOpenAI';
  return isAzureHost(new URL(endpoint).hostname);
}
