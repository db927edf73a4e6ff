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

  it('tells the models and capabilities that wagons found, in one order, and bounded', () => {
    const provider = aModelProvider();
    const one = { ...is('True'), models: ['b', 'a'], capabilities: ['Tools', 'StrictSchema'] as const };
    const other = { ...is('True'), models: Array.from({ length: 16 }, (_, index) => `m${index}`) };
    const status = (reports: Reports) => providerStatus(provider, judgeProvider(key, reports), reports, now);
    const first = status([{ ...one, capabilities: [...one.capabilities] }, other]);
    expect(first.models?.slice(0, 3)).toEqual(['a', 'b', 'm0']);
    expect(first.capabilities).toEqual(['StrictSchema', 'Tools']);
    expect(status([other, { ...one, capabilities: [...one.capabilities] }])).toEqual(first);
    const many = Array.from({ length: 9 }, (_, wagon) => ({
      ...is('True'),
      models: Array.from({ length: 16 }, (_unused, index) => `${wagon}-${index}`),
    }));
    expect(status(many).models).toHaveLength(64);
  });
});

describe('what is said about a provider', () => {
  const message = (report: object) => judgeProvider(key, [{ ...is('False'), ...report }]).message;

  it('names what to use instead of a model that is gone, and waits for a person', () => {
    const retired = {
      reason: 'ModelRetired',
      model: 'gemini-2.0-flash',
      ends: '2026-06-01',
      replacement: 'gemini-3.5-flash',
    };
    expect(message(retired)).toBe(
      'gemini-2.0-flash was retired on 2026-06-01: set spec.model to gemini-3.5-flash (0/1 wagons reach it).',
    );
    expect(message({ reason: 'ModelUnknown', model: 'gpt-99', replacement: 'gpt-5.4' })).toContain(
      'set spec.model to gpt-5.4',
    );
    expect(message({ reason: 'ModelUnknown', model: 'x' })).toContain('one of status.models');
    const reports = [{ ...is('False'), ...retired }];
    const { conditions = [] } = providerStatus(aModelProvider(), judgeProvider(key, reports), reports, now);
    expect(conditions.find(({ type }) => type === 'Stalled')).toMatchObject({ status: 'True', reason: 'ModelRetired' });
  });

  it('tells of an end that is announced while the model still answers', () => {
    const report = { ...is('True'), model: 'gpt-4o', ends: '2027-01-14', replacement: 'gpt-5.4' };
    expect(judgeProvider(key, [report]).message).toBe(
      'Reached from 1/1 wagons. gpt-4o ends on 2027-01-14; gpt-5.4 follows it.',
    );
  });

  it.each([
    ['NoModelPulled', /ollama pull \S+/],
    ['Unauthorized', /key is refused/],
    ['QuotaExhausted', /billing/],
    ['NotFound', /spec\.endpoint and spec\.model/],
    ['NoWire', /spec\.wire/],
    ['Refused', /may not be at/],
    ['Unreachable', /cannot be reached/],
  ])('says what to do about %s', (reason, words) => {
    expect(message({ reason })).toMatch(words);
  });

  it.each([
    ['NameNotFound', /DNS/],
    ['ConnectionRefused', /is it running/],
    ['TimedOut', /firewall/],
    ['CertificateRefused', /expired/],
  ])('says why it cannot be reached: %s', (cause, words) => {
    expect(message({ reason: 'Unreachable', cause })).toMatch(words);
    expect(message({ reason: 'Unreachable', cause })).toContain('0/1 wagons');
  });
});
