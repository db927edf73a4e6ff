import {
  type Heartbeat,
  LABELS,
  type ModelProvider,
  type ProviderGrants,
  REGISTRATION_SELF,
  type Wagon,
} from '@dark-carnival/crds';
import { aModelProvider, aWagon, FakeClock } from '@dark-carnival/crds/testing';
import { describe, expect, it } from 'vitest';
import type { CredentialOutcome } from '../../ports/provider-credentials.ts';
import type { WagonDeps } from './deps.ts';
import { toGrants } from './policies/grants.ts';
import { ProviderSync } from './provider-sync.ts';

const KEY = 'sk-canary-sync-0001';
const kimi = aModelProvider({
  metadata: { name: 'kimi', namespace: 'default' },
  spec: { type: 'Kimi', model: 'kimi-k2.6', credentialsSecretRef: { name: 'kimi', key: 'apiKey' } },
});
const beat = (providersDigest?: string): Heartbeat =>
  ({ instanceID: 'i-1', ...(providersDigest === undefined ? {} : { providersDigest }) }) as Heartbeat;
const PIN = `sha256:${'a'.repeat(64)}`;
const FAR = { address: 'http://10.0.0.7:8080' };

/** What a sync sends where; everything around it stands still. */
function aSync({ providers = [kimi], credential = { outcome: 'granted', key: KEY } as CredentialOutcome } = {}) {
  const sent: ProviderGrants[] = [];
  const secret = { current: credential };
  const clock = new FakeClock();
  const deps = {
    providers: { store: { byIndex: () => providers as readonly ModelProvider[] } },
    credentials: { keyFor: async () => secret.current },
    tokens: { tokenOf: async () => 'token' },
    wagonClient: {
      putProviders: async (_target: unknown, grants: ProviderGrants) => {
        sent.push(grants);
        return { outcome: 'stored' as const };
      },
    },
    clock,
    logger: { warn: () => {} },
  } as unknown as WagonDeps;
  return { sync: new ProviderSync(deps), sent, secret, clock };
}

const HERE = { address: 'http://127.0.0.1:8080' };
const declared = aWagon({ metadata: { name: 'a', namespace: 'default' } });
const far: Wagon = aWagon({
  metadata: { name: 'far', namespace: 'default' },
  spec: { runtime: { type: 'External', external: {} } },
});

describe('keys on their way to a wagon', () => {
  it('go over loopback, and over TLS to the pinned certificate', async () => {
    for (const where of [HERE, { address: 'https://10.0.0.7:8080', tlsFingerprint: PIN }]) {
      const { sync, sent } = aSync();
      expect(await sync.sync(declared, where, beat())).toBe('done');
      expect(sent.map(({ providers }) => providers.map(({ apiKey }) => apiKey))).toEqual([[KEY]]);
    }
  });

  it.each([FAR, { ...FAR, tlsFingerprint: PIN }, { address: 'https://10.0.0.7:8080' }])(
    'do not go to %j: nothing is sent at all, and that is said',
    async (where) => {
      const { sync, sent } = aSync();
      expect(await sync.sync(far, where, beat())).toBe('withheld');
      expect(sent).toEqual([]);
    },
  );

  it('do not go to a wagon that registered itself until its spec grants the provider', async () => {
    const joined = aWagon({
      metadata: { name: 'j', namespace: 'default', labels: { [LABELS.registration]: REGISTRATION_SELF } },
    });
    const { sync, sent } = aSync();
    await sync.sync(joined, HERE, beat());
    const keys = sent.flatMap(({ providers }) => providers.map(({ apiKey }) => apiKey));
    expect(keys.filter((key) => key !== undefined)).toEqual([]);
    const granted = { ...joined, spec: { ...joined.spec, providers: ['kimi'] } } as Wagon;
    await sync.sync(granted, HERE, beat(sent.at(-1)?.digest));
    expect(sent.at(-1)?.providers.map(({ name, apiKey }) => [name, apiKey])).toEqual([['kimi', KEY]]);
  });

  it('are sent once, again to another start, and anew when the Secret holds another one or withdraws it', async () => {
    const { sync, sent, secret } = aSync();
    await sync.sync(declared, HERE, beat());
    await sync.sync(declared, HERE, beat());
    expect(sent).toHaveLength(1);
    await sync.sync(declared, HERE, { ...beat(), instanceID: 'i-2' });
    expect(sent).toHaveLength(2);
    await sync.sync(declared, HERE, beat(sent.at(-1)?.digest));
    expect(sent).toHaveLength(2);
    secret.current = { outcome: 'granted', key: 'sk-canary-sync-0002' };
    await sync.sync(declared, HERE, beat(sent.at(-1)?.digest));
    expect(sent.at(-1)?.providers[0]?.apiKey).toBe('sk-canary-sync-0002');
    secret.current = { outcome: 'withheld', message: 'the label is gone' };
    await sync.sync(declared, HERE, beat(sent.at(-1)?.digest));
    expect(sent.at(-1)?.providers[0]).not.toHaveProperty('apiKey');
    expect(sent.at(-1)?.digest).toBe(toGrants(sent.at(-1)?.providers ?? []).digest);
  });
});
