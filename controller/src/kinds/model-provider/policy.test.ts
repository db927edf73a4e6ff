import type { ProviderHealth } from '@dark-carnival/crds';
import { aModelProvider } from '@dark-carnival/crds/testing';
import { describe, expect, it } from 'vitest';
import type { CredentialOutcome } from '../../ports/provider-credentials.ts';
import { judgeProvider, providerStatus, type Reports } from './policy.ts';

const is = (healthy: ProviderHealth['healthy'], reason = 'Healthy') => ({ healthy, reason });
const key: CredentialOutcome = { outcome: 'granted', key: 'k' };
const now = '2026-11-24T12:00:00Z';

describe('whether a provider is ready', () => {
  const rows: { name: string; credential?: CredentialOutcome; reports: Reports; want: [string, string] }[] = [
    {
      name: 'with one wagon that reaches it',
      reports: [is('True'), is('False', 'Unreachable')],
      want: ['True', 'Healthy'],
    },
    {
      name: 'not without its key, whatever wagons say',
      credential: { outcome: 'missing', message: 'there is no Secret kimi' },
      reports: [is('True')],
      want: ['False', 'NoCredentials'],
    },
    {
      name: 'not with a key that was not given for it',
      credential: { outcome: 'withheld', message: 'not opted in' },
      reports: [],
      want: ['False', 'NoCredentials'],
    },
    {
      name: 'without a key where none is needed',
      credential: { outcome: 'none' },
      reports: [is('True')],
      want: ['True', 'Healthy'],
    },
    { name: 'not known before a wagon says so', reports: [undefined, undefined], want: ['Unknown', 'NotProbed'] },
    {
      name: 'not known where nothing can be asked for free',
      reports: [is('Unknown', 'NoModelList')],
      want: ['Unknown', 'NoModelList'],
    },
    {
      name: 'not, for the reason that most wagons give',
      reports: [is('False', 'Unreachable'), is('False', 'Unauthorized'), is('False', 'Unauthorized')],
      want: ['False', 'Unauthorized'],
    },
    {
      name: 'not, for the first reason of equal ones',
      reports: [is('False', 'Unreachable'), is('False', 'RateLimited')],
      want: ['False', 'RateLimited'],
    },
    {
      name: 'not, for a reason that is a word, whatever a wagon says',
      reports: [is('False', '123')],
      want: ['False', 'Unreachable'],
    },
  ];
  it.each(rows)('$name', ({ credential = key, reports, want }) => {
    const { status, reason } = judgeProvider(credential, reports);
    expect([status, reason]).toEqual(want);
  });
});

describe("a provider's status", () => {
  it('counts the wagons that reach it, and is the same at the second look', () => {
    const provider = aModelProvider();
    const reports = [is('True'), undefined, is('False')];
    const status = providerStatus(provider, judgeProvider(key, reports), reports, now);
    expect(status.reachableFrom).toBe('1/3');
    expect(
      providerStatus({ ...provider, status }, judgeProvider(key, reports), reports, '2026-11-24T13:00:00Z'),
    ).toEqual(status);
  });

  it('keeps what others found out', () => {
    const provider = aModelProvider({ status: { models: ['kimi-k2.6'] } });
    expect(providerStatus(provider, judgeProvider(key, []), [], now).models).toEqual(['kimi-k2.6']);
  });
});
