import type { ProviderType } from '../v1alpha1/model-provider.ts';
import { findModel, type ModelPlace } from './find-model.ts';
import { CATALOGUE } from './generated/catalogue-data.ts';

/** US dollars per million tokens. */
export interface Prices {
  inputPerMillionTokens: string;
  outputPerMillionTokens: string;
}

/** What tokens cost, and who says so. */
export interface KnownPrices extends Prices {
  /** `Spec`: a person wrote them. `Catalogue`: models.yaml has them, as of `asOf`. `Free`: it runs on machines of one's own, or is a script. */
  from: 'Spec' | 'Catalogue' | 'Free';
  /** Day on which the catalogue was checked last. */
  asOf?: string;
}

/** A provider as far as its prices hang on it. */
export interface PricedPlace extends ModelPlace {
  model?: string | undefined;
  prices?: Prices | undefined;
}

/** Nobody bills for these. */
const FREE: ReadonlySet<ProviderType> = new Set(['Rehearsal', 'Ollama']);

/**
 * What a model costs at a provider: for its own model what a person wrote, else what the catalogue knows. For another one the catalogue is asked first, since
 * what was written is about the own model. Undefined where nobody knows: that is not the same as free.
 * @param model instead of the provider's own
 */
export function pricesOf(place: PricedPlace, model: string | undefined = place.model): KnownPrices | undefined {
  const isOwn = model === place.model;
  const written = place.prices && { ...place.prices, from: 'Spec' as const };
  if (isOwn && written) return written;
  const listed = model === undefined ? undefined : findModel(place, model)?.prices;
  if (listed) return { ...listed, from: 'Catalogue', asOf: CATALOGUE.checked };
  if (written) return written;
  return FREE.has(place.type) ? { inputPerMillionTokens: '0', outputPerMillionTokens: '0', from: 'Free' } : undefined;
}
