import {
  CATALOGUE,
  type Condition,
  type ConditionStatus,
  type ModelProvider,
  type ModelProviderStatus,
  type ProviderHealth,
  type UnreachableCause,
} from '@dark-carnival/crds';
import type { ReachedCap } from '../../ports/day-spending.ts';
import type { CredentialOutcome } from '../../ports/provider-credentials.ts';
import { type Summary, summarize } from '../../runtime/kstatus.ts';

/** What a wagon says about a provider, as far as it matters here. */
export type Report = Pick<
  ProviderHealth,
  'healthy' | 'reason' | 'cause' | 'model' | 'replacement' | 'ends' | 'models' | 'capabilities'
>;

/** What each wagon that is granted the provider last said about it; undefined where it said nothing. */
export type Reports = readonly (Report | undefined)[];

export interface Verdict {
  status: ConditionStatus;
  reason: string;
  message: string;
}

/** As many as status holds. */
const MAX_MODELS = 64;

/** Judges a provider: without a key nobody needs to be asked; else one wagon that reaches it is enough. */
export function judgeProvider(credential: CredentialOutcome, reports: Reports): Verdict {
  if (credential.outcome === 'missing' || credential.outcome === 'withheld') {
    return { status: 'False', reason: 'NoCredentials', message: `${capital(credential.message)}.` };
  }
  const said = reports.filter((report) => report !== undefined);
  const well = said.find(({ healthy }) => healthy === 'True');
  if (well) {
    const message = `Reached from ${countHealthy(reports)} wagons.${comingEnd(well)}`;
    return { status: 'True', reason: 'Healthy', message };
  }
  if (said.length === 0) {
    return { status: 'Unknown', reason: 'NotProbed', message: 'No wagon has said yet whether it reaches it.' };
  }
  const failed = said.filter(({ healthy }) => healthy === 'False');
  if (failed.length === 0) {
    return {
      status: 'Unknown',
      reason: said[0]?.reason || 'NotProbed',
      message: 'Whether it answers is known with the first call.',
    };
  }
  const reason = mostCommon(failed);
  const example = failed.find((report) => report.reason === reason);
  return {
    status: 'False',
    reason,
    message: `${adviceFor(reason, example)} (${countHealthy(reports)} wagons reach it).`,
  };
}

/**
 * A provider that may not be asked before tomorrow. The sum is left out: what was under way adds to it for a while, and each addition would be a write.
 */
export const capReached = ({ maxCostUSD, resumesAt }: ReachedCap): Verdict => ({
  status: 'False',
  reason: 'DailyCapReached',
  message: `limits.maxCostUSDPerDay (${maxCostUSD} USD) is used up: it is asked again from ${resumesAt} on, or when the cap is raised.`,
});

/** What a reason means, and what to do about it. */
function adviceFor(reason: string, { model = 'the model', replacement, ends, cause }: Partial<Report> = {}): string {
  const instead =
    replacement === undefined ? 'set spec.model to one of status.models' : `set spec.model to ${replacement}`;
  switch (reason) {
    case 'ModelRetired':
      return `${model} was retired${ends === undefined ? '' : ` on ${ends}`}: ${instead}`;
    case 'ModelUnknown':
      return `The provider does not list ${model}: ${instead}`;
    case 'NoModelPulled':
      return `Ollama has no model: run ollama pull ${CATALOGUE.ollama.suggestedModel}`;
    case 'Unauthorized':
      return 'The key is refused: put a valid one into its Secret';
    case 'NoCredentials':
      return 'The wagons have no key for it: set spec.credentialsSecretRef';
    case 'QuotaExhausted':
      return 'The provider says that quota or balance is used up: see its billing page';
    case 'NotFound':
      return 'The provider knows neither the model nor the path: check spec.endpoint and spec.model';
    case 'NotAnAPI':
      return 'What answers at spec.endpoint is not the API of this type';
    case 'NoWire':
      return 'What answers at spec.endpoint speaks neither the OpenAI nor the Anthropic API: set spec.wire, or another endpoint';
    case 'NoEndpoint':
      return 'It has no usable endpoint: set spec.endpoint';
    case 'Refused':
      return 'The endpoint is refused: it redirects, or leads to a place that providers may not be at';
    case 'RateLimited':
      return 'The provider asks to be left alone for a while';
    case 'Overloaded':
      return 'The provider is overloaded or broken';
    default:
      return cause === undefined ? 'It cannot be reached' : CAUSES[cause];
  }
}

const CAUSES: Readonly<Record<UnreachableCause, string>> = {
  NameNotFound: 'The name of its host is not found: check spec.endpoint and the DNS of the wagons',
  ConnectionRefused: 'Nothing listens at spec.endpoint: is it running there?',
  ConnectionLost: 'The connection broke before an answer came',
  TimedOut: 'It gave no answer in time: check spec.endpoint and the firewall of the wagons',
  NoRoute: 'No route leads to it from the wagons',
  CertificateRefused: 'Its certificate is refused: it has expired, or is for another name or from an unknown authority',
};

/** A model that answers today, and has a last day. */
function comingEnd({ model, ends, replacement }: Report): string {
  if (model === undefined || ends === undefined) return '';
  return ` ${model} ends on ${ends}${replacement === undefined ? '' : `; ${replacement} follows it`}.`;
}

/** Wagons that reach it, of those that are granted it. */
export const countHealthy = (reports: Reports): string =>
  `${reports.filter((report) => report?.healthy === 'True').length}/${reports.length}`;

/** The status that a provider should have; what was found out once (models, capabilities) stays while no wagon says otherwise. */
export function providerStatus(
  provider: ModelProvider,
  verdict: Verdict,
  reports: Reports,
  now: string,
): ModelProviderStatus {
  const { generation } = provider.metadata;
  const conditions: readonly Condition[] = summarize(
    provider.status?.conditions,
    summaryOf(verdict),
    generation,
    () => now,
  );
  const models = sorted(reports.flatMap((report) => report?.models ?? [])).slice(0, MAX_MODELS);
  const capabilities = sorted(reports.flatMap((report) => report?.capabilities ?? []));
  return {
    ...provider.status,
    ...(generation === undefined ? {} : { observedGeneration: generation }),
    conditions: [...conditions],
    reachableFrom: countHealthy(reports),
    ...(models.length === 0 ? {} : { models }),
    ...(capabilities.length === 0 ? {} : { capabilities }),
  };
}

/** Each word once, in an order that does not depend on who said it first: a second look must write nothing. */
const sorted = <Word extends string>(words: readonly Word[]): Word[] => [...new Set(words)].sort();

function summaryOf({ status, reason, message }: Verdict): Summary {
  const ready = { status, reason, message };
  // Only a person can bring a key or another model; everything else may get well by itself.
  if (NEEDS_A_PERSON.has(reason)) return { ready, stalled: { reason, message } };
  return status === 'True' ? { ready } : { ready, reconciling: { reason, message } };
}

const NEEDS_A_PERSON: ReadonlySet<string> = new Set(['NoCredentials', 'ModelRetired', 'ModelUnknown']);

/** The reason that most wagons give, the first in the alphabet of equal ones: it must not flap. */
function mostCommon(failed: readonly Pick<ProviderHealth, 'reason'>[]): string {
  const counts = new Map<string, number>();
  for (const { reason } of failed) {
    const word = reason && /^[A-Za-z]/.test(reason) ? reason : 'Unreachable';
    counts.set(word, (counts.get(word) ?? 0) + 1);
  }
  const [first] = [...counts].sort(([a, left], [b, right]) => right - left || (a < b ? -1 : 1));
  return first?.[0] ?? 'Unreachable';
}

const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);
