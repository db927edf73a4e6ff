import { type ProviderGrant, providersFromEnvironment } from '@dark-carnival/crds';
import { describe, expect, it } from 'vitest';
import { ownGrants, ownProviderLines, withOwn } from './own-providers.ts';

const kimi = (given: Partial<ProviderGrant> = {}): ProviderGrant => ({
  name: 'kimi',
  type: 'Kimi',
  model: 'kimi-k2.6',
  probeIntervalSeconds: 300,
  ...given,
});
const own = [kimi({ apiKey: 'sk-own' })];
const none = () => undefined;

describe('what a wagon may ask that has a hub', () => {
  it('is what the hub grants, and what this wagon has besides', () => {
    const granted = [kimi({ name: 'other', apiKey: 'sk-hub' })];
    expect(withOwn(granted, own, none)).toEqual([...granted, ...own]);
    expect(withOwn([], own, none)).toEqual(own);
  });

  it("is the hub's where both have one of that name", () => {
    const granted = [kimi({ apiKey: 'sk-hub', model: 'kimi-k3' })];
    expect(withOwn(granted, own, none)).toEqual(granted);
  });

  it('takes its own key for a grant without one at the very same place', () => {
    expect(withOwn([kimi({ model: 'kimi-k3' })], own, none)).toEqual([kimi({ model: 'kimi-k3', apiKey: 'sk-own' })]);
    const told = [kimi({ endpoint: 'https://api.moonshot.ai/v1/' })];
    expect(withOwn(told, own, none)[0]).toHaveProperty('apiKey', 'sk-own');
  });

  it.each([
    ['another host', { endpoint: 'https://evil.example/v1' }],
    ['the same host in the clear', { endpoint: 'http://api.moonshot.ai/v1' }],
    ['another port', { endpoint: 'https://api.moonshot.ai:8443/v1' }],
    ['another family', { type: 'OpenAICompatible' as const, endpoint: 'https://api.moonshot.ai/v1' }],
  ])('never sends its own key to %s', (_, given) => {
    expect(withOwn([kimi(given)], own, none)).toEqual([kimi(given)]);
  });

  it('uses a key that was given for that name, wherever the provider is', () => {
    const grant = kimi({ endpoint: 'https://gateway.example/v1' });
    expect(withOwn([grant], [], (name) => (name === 'kimi' ? 'sk-named' : undefined))).toEqual([
      { ...grant, apiKey: 'sk-named' },
    ]);
  });

  it('is never more than a wagon takes', () => {
    const granted = Array.from({ length: 32 }, (_, index) => kimi({ name: `p${index}` }));
    expect(withOwn(granted, own, none)).toHaveLength(32);
  });
});

describe('a wagon that answers to nobody', () => {
  it('asks the Ollama of its machine, named or not', () => {
    const names = (env: Record<string, string>, hub = {}) =>
      ownGrants({ ownProviders: providersFromEnvironment(env), ...hub }).map(({ name }) => name);
    expect(names({})).toEqual(['ollama']);
    expect(names({}, { ringmasterUrl: 'http://127.0.0.1:8000' })).toEqual([]);
    expect(names({ OLLAMA_HOST: '127.0.0.1:1', KIMI_API_KEY: 'k' })).toEqual(['kimi', 'ollama']);
  });

  it('says what it found, and never a key', () => {
    const lines = ownProviderLines(
      providersFromEnvironment({ KIMI_API_KEY: 'sk-own', MISTRAL_ENDPOINT: 'https://x.azure.com' }),
      true,
    );
    expect(lines[0]).toMatch(/^providers of its own: kimi \(kimi-/);
    expect(lines.join('\n')).toContain('MISTRAL_ENDPOINT is set, but no key');
    expect(lines.join('\n')).not.toContain('sk-own');
    expect(ownProviderLines(providersFromEnvironment({}), true).join()).toContain('Ollama');
    expect(ownProviderLines(providersFromEnvironment({}), false)).toEqual([]);
  });
});
