import {
  findModel,
  hasEnded,
  isKnownModel,
  MAX_HEALTH_MODELS,
  type ProviderGrant,
  type ProviderHealth,
  usualModel,
} from '@dark-carnival/crds';

export interface ListedModels {
  grant: Pick<ProviderGrant, 'type' | 'endpoint' | 'model'>;
  /** Ids as the endpoint lists them. */
  ids: readonly string[];
  /** Whether a model that the list does not name is gone. */
  isComplete: boolean;
  /** Wall clock, milliseconds since the epoch. */
  now: number;
}

type Judgement = Pick<ProviderHealth, 'healthy' | 'reason' | 'replacement' | 'ends' | 'models'>;

/**
 * Judges the model that a grant names by the endpoint's own list: it is what counts. The catalogue says whether a missing one was retired or
 * is not known at all, when a present one will be, and what to use instead.
 */
export function judgeModel({ grant, ids, isComplete, now }: ListedModels): Judgement {
  const { type, model } = grant;
  const models = shownModels(grant, ids);
  const known = model === undefined ? undefined : findModel(grant, model);
  const ends = known?.ends === undefined ? {} : { ends: known.ends };
  const replacement = known?.replacedBy ?? usualModel(type);
  if (model === undefined || isListed(model, ids)) {
    const coming = known?.ends === undefined || replacement === undefined ? {} : { replacement };
    return { healthy: 'True', reason: 'Healthy', models, ...ends, ...coming };
  }
  if (!isComplete) return { healthy: 'True', reason: 'ModelNotListed', models, ...ends };
  const instead = replacement === undefined || replacement === model ? {} : { replacement };
  const isRetired = known !== undefined && hasEnded(known, now);
  return { healthy: 'False', reason: isRetired ? 'ModelRetired' : 'ModelUnknown', models, ...ends, ...instead };
}

/** What a failed call says about a model that the endpoint does not know: `NotFound` may as well be the path. */
export function missingModel(grant: Pick<ProviderGrant, 'type' | 'endpoint' | 'model'>, now: number): Judgement {
  const known = grant.model === undefined ? undefined : findModel(grant, grant.model);
  if (!known || !hasEnded(known, now)) return { healthy: 'False', reason: 'NotFound' };
  const { ends, replacedBy: replacement } = known;
  return {
    healthy: 'False',
    reason: 'ModelRetired',
    ...(ends === undefined ? {} : { ends }),
    ...(replacement === undefined ? {} : { replacement }),
  };
}

/** Gemini prefixes its ids with `models/`; Ollama adds `:latest`. */
export const isListed = (model: string, ids: readonly string[]): boolean =>
  ids.some((id) => id === model || id === `models/${model}` || id === `${model}:latest`);

/** A few of a list that may be long: the one that is asked for, those that the catalogue knows, and then others, in the order of their names. */
function shownModels({ type, model }: Pick<ProviderGrant, 'type' | 'model'>, ids: readonly string[]): string[] {
  const rank = (id: string) => (id === model ? 0 : isKnownModel(type, id) ? 1 : 2);
  return [...new Set(ids.map((id) => id.replace(/^models\//, '')))]
    .filter((id) => /^[\x21-\x7e]{1,128}$/.test(id))
    .sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1))
    .slice(0, MAX_HEALTH_MODELS);
}
