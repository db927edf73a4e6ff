import type { LookupAddress } from 'node:dns';
import { systemClock } from '@dark-carnival/crds/clock';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type AddressPolicy, isForbiddenPrivate } from './address-policy.ts';
import { createProvider } from './create-provider.ts';
import { ConnectionPool } from './guarded-fetch.ts';
import type { ResolveAll } from './guarded-lookup.ts';
import { ollamaChat } from './testing/ollama-fixtures.ts';
import { chatStream, modelList } from './testing/openai-fixtures.ts';
import { aRequest, callOptions } from './testing/provider-conformance.ts';
import { startWireServer, type WireServer } from './testing/wire-server.ts';

const CLUSTER: AddressPolicy = {
  privateRanges: 'Listed',
  allowedCIDRs: ['10.20.0.0/16', 'fd00:1::/64', 'nonsense', '1.2.3.4/99'],
};

describe('where a provider may be in a cluster', () => {
  it.each(['127.0.0.1', '10.0.0.1', '172.16.0.9', '192.168.1.1', '100.64.0.1', '::1', 'fd00:2::1', '::ffff:10.0.0.1'])(
    'is not %s',
    (address) => expect(isForbiddenPrivate(address, CLUSTER)).toBe(true),
  );
  it.each(['10.20.3.4', 'fd00:1::7', '104.18.6.192', '2606:4700::6812', '::ffff:10.20.0.1'])('is %s', (address) =>
    expect(isForbiddenPrivate(address, CLUSTER)).toBe(false),
  );
  it("is anywhere on a machine of one's own", () =>
    expect(isForbiddenPrivate('10.0.0.1', { privateRanges: 'Allowed' })).toBe(false));
});

describe('a connection to a provider', () => {
  let server: WireServer;
  let pool: ConnectionPool | undefined;
  beforeEach(async () => {
    server = await startWireServer(({ method }) => (method === 'GET' ? modelList('m') : chatStream('Yes.')));
  });
  afterEach(async () => {
    await Promise.all([pool?.close(), server.close()]);
  });

  /** A name server that gives one answer after the other, the last one for ever. */
  const answers = (...rounds: string[][]): { resolve: ResolveAll; asked: () => number } => {
    let count = 0;
    const resolve: ResolveAll = (_name, _options, callback) => {
      const round = rounds[Math.min(count, rounds.length - 1)] ?? [];
      count += 1;
      const found: LookupAddress[] = round.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
      callback(null, found);
    };
    return { resolve, asked: () => count };
  };
  const providerAt = (
    host: string,
    options: ConstructorParameters<typeof ConnectionPool>[0],
    type: 'OpenAICompatible' | 'Ollama' = 'OpenAICompatible',
  ) => {
    pool = new ConnectionPool(options);
    const endpoint = `http://${host}:${new URL(server.url).port}/v1`;
    return createProvider(
      { name: 'it', type, endpoint, model: 'm', apiKey: 'k', probeIntervalSeconds: 300 },
      { pool, clock: systemClock, refusedHosts: options?.refusedHosts ?? [] },
    );
  };
  const ask = (provider: ReturnType<typeof providerAt>) => provider.complete(aRequest(), callOptions());

  it('goes to the address that was judged: the name is asked once for it', async () => {
    const { resolve, asked } = answers(['127.0.0.1'], ['169.254.169.254']);
    expect((await ask(providerAt('api.example.org', { resolve }))).text).toBe('Yes.');
    expect(asked()).toBe(1);
    expect(server.requests).toHaveLength(1);
  });

  it('is refused when the name has moved to where nobody may be, and nothing is sent there', async () => {
    const { resolve } = answers(['127.0.0.1'], ['169.254.169.254']);
    const provider = providerAt('api.example.org', { resolve });
    await ask(provider);
    // The kept connection is gone, so the name is asked for again.
    await server.close();
    await expect(ask(provider)).rejects.toMatchObject({
      kind: expect.stringMatching(/unreachable|unusable|bad-request/),
    });
    await expect(ask(provider)).rejects.toMatchObject({
      kind: 'bad-request',
      isRetryable: false,
      message: expect.stringContaining('169.254.169.254'),
    });
    expect(await provider.probe(new AbortController().signal)).toMatchObject({ healthy: 'False', reason: 'Refused' });
  });

  it.each([
    ['one harmless and one link-local address', ['127.0.0.1', 'fe80::1']],
    ['metadata in the dress of IPv6', ['::ffff:169.254.169.254']],
    ['no address at all', []],
  ])('is not made to a name with %s', async (_what, addresses) => {
    const error = await ask(providerAt('api.example.org', { resolve: answers(addresses).resolve })).catch(
      (thrown: unknown) => thrown,
    );
    expect(error).toMatchObject({ kind: addresses.length > 0 ? 'bad-request' : 'unreachable' });
    expect(server.requests).toEqual([]);
  });

  it('is not made to the control plane by any of its names', async () => {
    const { port } = new URL(server.url);
    const refusedHosts = [`127.0.0.1:${port}`, `kubernetes.default.svc:${port}`];
    const resolve: ResolveAll = (name, _options, callback) =>
      callback(null, [{ address: name === 'alias.example.org' ? '127.0.0.1' : '10.96.0.1', family: 4 }]);
    for (const host of ['127.0.0.1', 'alias.example.org', 'kubernetes.default.svc', '10.96.0.1'])
      await expect(ask(providerAt(host, { resolve, refusedHosts }))).rejects.toMatchObject({ kind: 'bad-request' });
    expect(server.requests).toEqual([]);
  });

  it('is made to a private address in a cluster only where that is allowed, but for what is local by nature', async () => {
    await expect(ask(providerAt('127.0.0.1', { policy: CLUSTER }))).rejects.toMatchObject({
      kind: 'bad-request',
      message: expect.stringContaining('allowedCIDRs'),
    });
    const { resolve } = answers(['127.0.0.1']);
    await expect(ask(providerAt('inside.example.org', { policy: CLUSTER, resolve }))).rejects.toMatchObject({
      kind: 'bad-request',
    });
    expect(server.requests).toEqual([]);
    const listed: AddressPolicy = { privateRanges: 'Listed', allowedCIDRs: ['127.0.0.0/8'] };
    expect((await ask(providerAt('127.0.0.1', { policy: listed }))).text).toBe('Yes.');
    server.play(() => ollamaChat('Near.'));
    expect((await ask(providerAt('127.0.0.1', { policy: CLUSTER }, 'Ollama'))).text).toBe('Near.');
    await expect(ask(providerAt('169.254.169.254', { policy: CLUSTER }, 'Ollama'))).rejects.toMatchObject({
      kind: 'bad-request',
    });
  });
});
