import type { KubeObject, ModelProviderSpec } from '@dark-carnival/crds';
import { FakeClock } from '@dark-carnival/crds/testing';
import { ApiError, type Secret } from '@dark-carnival/kube';
import { describe, expect, it } from 'vitest';
import { SecretCredentials } from './secret-credentials.ts';
import { SecretWagonTokens } from './secret-wagon-tokens.ts';

const base64 = (text: string) => Buffer.from(text, 'utf8').toString('base64');

/** Secrets by name, and how often they were asked for. */
function secrets(given: Record<string, Partial<Secret> & { data?: Record<string, string> }>) {
  const state = { away: false, reads: 0, given };
  const find = async <T extends KubeObject>(_: unknown, { name }: { name: string }): Promise<T | undefined> => {
    state.reads += 1;
    if (state.away) {
      throw new ApiError(
        { apiVersion: 'v1', kind: 'Status', status: 'Failure', code: 503, reason: 'x', message: 'x' },
        'GET x',
      );
    }
    const found = state.given[name];
    if (!found) return undefined;
    const { metadata, ...rest } = found;
    return { apiVersion: 'v1', kind: 'Secret', ...rest, metadata: { ...metadata, name } } as unknown as T;
  };
  return { state, client: { find } };
}

describe("a wagon's token", () => {
  const token = (value: string) => ({ 'a-token': { data: { token: base64(value) } } });

  it('is what its Secret holds, with or without a line break at its end', async () => {
    const { client } = secrets(token('s3cret\n'));
    const tokens = new SecretWagonTokens(client, new FakeClock());
    expect(await tokens.tokenOf('default', 'a')).toBe('s3cret');
    expect(await tokens.verify('default', 'a', 's3cret')).toBe(true);
    expect(await tokens.verify('default', 'a', 's3cre')).toBe(false);
    expect(await tokens.verify('default', 'a', '')).toBe(false);
    expect(await tokens.verify('default', 'nobody', 's3cret')).toBe(false);
  });

  it.each(['', ' ', 'with space', 'ünïcödé'])('is none where the Secret holds %j', async (value) => {
    const { client } = secrets(token(value));
    expect(await new SecretWagonTokens(client, new FakeClock()).tokenOf('default', 'a')).toBeUndefined();
  });

  it('is asked for once a minute', async () => {
    const clock = new FakeClock();
    const { client, state } = secrets(token('one'));
    const tokens = new SecretWagonTokens(client, clock);
    await Promise.all([tokens.tokenOf('default', 'a'), tokens.tokenOf('default', 'a'), tokens.tokenOf('default', 'a')]);
    expect(state.reads).toBe(1);
    await clock.advance(60_000);
    await tokens.tokenOf('default', 'a');
    expect(state.reads).toBe(2);
  });

  it('that was exchanged is taken at once, but guesses are not paid for with a request each', async () => {
    const clock = new FakeClock();
    const { client, state } = secrets(token('old'));
    const tokens = new SecretWagonTokens(client, clock);
    await tokens.tokenOf('default', 'a');
    for (let guess = 0; guess < 50; guess += 1) await tokens.verify('default', 'a', `guess-${guess}`);
    expect(state.reads).toBe(1);
    state.given = token('new');
    await clock.advance(5_000);
    expect(await tokens.verify('default', 'a', 'new')).toBe(true);
    expect(await tokens.verify('default', 'a', 'old')).toBe(false);
  });

  it('goes on working while the API server is away: nobody loses a lease over it', async () => {
    const clock = new FakeClock();
    const { client, state } = secrets(token('one'));
    const tokens = new SecretWagonTokens(client, clock);
    await tokens.tokenOf('default', 'a');
    state.away = true;
    await clock.advance(600_000);
    expect(await tokens.verify('default', 'a', 'one')).toBe(true);
    await expect(tokens.tokenOf('default', 'b')).rejects.toThrow(ApiError);
  });
});

describe("a provider's key", () => {
  const spec: ModelProviderSpec = {
    type: 'Kimi',
    model: 'k',
    probeIntervalSeconds: 300,
    credentialsSecretRef: { name: 'kimi', key: 'apiKey' },
  };
  const optedIn = (hosts: string) => ({
    metadata: {
      name: 'kimi',
      labels: { 'darkcarnival.dev/provider-credentials': 'true' },
      annotations: { 'darkcarnival.dev/allowed-hosts': hosts },
    },
    data: { apiKey: base64('key') },
  });
  const ask = (secret: object | undefined, given: Partial<ModelProviderSpec> = {}) => {
    const { client } = secrets(secret ? { kimi: secret } : {});
    return new SecretCredentials(client, new FakeClock()).keyFor('default', { ...spec, ...given });
  };

  it('is granted where the Secret opted in and allows the host', async () => {
    expect(await ask(optedIn('api.moonshot.ai'))).toEqual({ outcome: 'granted', key: 'key' });
    expect(await ask(optedIn('a.example, EU.example '), { endpoint: 'https://eu.example:8443/v1' })).toEqual({
      outcome: 'granted',
      key: 'key',
    });
  });

  it.each([
    {
      name: 'the Secret has not opted in',
      secret: {
        ...optedIn('api.moonshot.ai'),
        metadata: { annotations: { 'darkcarnival.dev/allowed-hosts': 'api.moonshot.ai' } },
      },
    },
    { name: 'the Secret allows no host', secret: optedIn('') },
    { name: 'the host is another', secret: optedIn('api.moonshot.ai'), given: { endpoint: 'https://evil.example/v1' } },
    { name: 'the host only ends like an allowed one', secret: optedIn('moonshot.ai') },
    {
      name: 'the host only begins like an allowed one',
      secret: optedIn('api.moonshot.ai'),
      given: { endpoint: 'https://api.moonshot.ai.evil.example' },
    },
    {
      name: 'an allowed host stands in the user part',
      secret: optedIn('api.moonshot.ai'),
      given: { endpoint: 'https://api.moonshot.ai@evil.example' },
    },
  ])('is withheld where $name', async ({ secret, given = {} }) => {
    expect((await ask(secret, given)).outcome).toBe('withheld');
  });

  it('is missing where the Secret, or the key in it, is', async () => {
    expect((await ask(undefined)).outcome).toBe('missing');
    expect((await ask({ ...optedIn('api.moonshot.ai'), data: { other: base64('x') } })).outcome).toBe('missing');
  });

  it('is not looked for where the provider names none', async () => {
    const { client, state } = secrets({});
    const { credentialsSecretRef: _, ...without } = spec;
    expect(await new SecretCredentials(client, new FakeClock()).keyFor('default', without)).toEqual({
      outcome: 'none',
    });
    expect(state.reads).toBe(0);
  });
});
