import type {
  Condition,
  ConditionStatus,
  ModelProvider,
  ModelProviderStatus,
  ProviderHealth,
} from '@dark-carnival/crds';
import type { CredentialOutcome } from '../../ports/provider-credentials.ts';
import { type Summary, summarize } from '../../runtime/kstatus.ts';

/** What each wagon that is granted the provider last said about it; undefined where it said nothing. */
export type Reports = readonly (Pick<ProviderHealth, 'healthy' | 'reason'> | undefined)[];

export interface Verdict {
  status: ConditionStatus;
  reason: string;
  message: string;
}

/** Judges a provider: without a key nobody needs to be asked; else one wagon that reaches it is enough. */
export function judgeProvider(credential: CredentialOutcome, reports: Reports): Verdict {
  if (credential.outcome === 'missing' || credential.outcome === 'withheld') {
    return { status: 'False', reason: 'NoCredentials', message: `${capital(credential.message)}.` };
  }
  const said = reports.filter((report) => report !== undefined);
  if (said.some(({ healthy }) => healthy === 'True')) {
    return { status: 'True', reason: 'Healthy', message: `Reached from ${countHealthy(reports)} wagons.` };
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
  return { status: 'False', reason: mostCommon(failed), message: `No wagon reaches it (${countHealthy(reports)}).` };
}

/** Wagons that reach it, of those that are granted it. */
export const countHealthy = (reports: Reports): string =>
  `${reports.filter((report) => report?.healthy === 'True').length}/${reports.length}`;

/** The status that a provider should have; what others may have found out (models, capabilities) stays. */
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
  return {
    ...provider.status,
    ...(generation === undefined ? {} : { observedGeneration: generation }),
    conditions: [...conditions],
    reachableFrom: countHealthy(reports),
  };
}

function summaryOf({ status, reason, message }: Verdict): Summary {
  const ready = { status, reason, message };
  // Only a person can bring a key; everything else may get well by itself.
  if (reason === 'NoCredentials') return { ready, stalled: { reason, message } };
  return status === 'True' ? { ready } : { ready, reconciling: { reason, message } };
}

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
