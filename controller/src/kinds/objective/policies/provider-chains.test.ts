import { familyChain, type ProviderType, type ReadDefaults } from '@dark-carnival/crds';
import { describe, expect, it } from 'vitest';
import { aProviderFacts, aValidObjective } from '../../../../testing/a-snapshot.ts';
import { resolveChains } from './provider-chains.ts';

const provider = (name: string, type: ProviderType) => aProviderFacts({ name, type });
const all = [
  provider('local', 'Ollama'),
  provider('claude', 'Anthropic'),
  provider('moon', 'Kimi'),
  provider('le-chat', 'Mistral'),
  provider('deep', 'DeepSeek'),
  provider('gpt', 'OpenAI'),
];

const none: ReadDefaults = { outcome: 'read', chains: {} };

describe('who answers', () => {
  it('asks in each seat another family first, then the rest in order', () => {
    expect(familyChain('visionary', all)).toEqual(['moon', 'le-chat', 'deep', 'claude', 'gpt', 'local']);
    expect(familyChain('critic', all)).toEqual(['le-chat', 'moon', 'deep', 'claude', 'gpt', 'local']);
    expect(familyChain('tactician', all)).toEqual(['deep', 'moon', 'le-chat', 'claude', 'gpt', 'local']);
  });

  it('rehearses where there is no model at all', () => {
    expect(familyChain('critic', [])).toEqual(['rehearsal']);
  });

  it('never lets a rehearsal stand in for a model', () => {
    const both = [provider('stage', 'Rehearsal'), provider('moon', 'Kimi')];
    expect(familyChain('visionary', both)).toEqual(['moon']);
    expect(familyChain('visionary', [provider('stage', 'Rehearsal')])).toEqual(['stage']);
  });

  it('holds twelve providers at most', () => {
    const many = Array.from({ length: 20 }, (_, index) =>
      provider(`p${String(index).padStart(2, '0')}`, 'OpenAICompatible'),
    );
    expect(familyChain('visionary', many)).toHaveLength(12);
  });

  it('follows the order that the Objective names', () => {
    const { spec } = aValidObjective({
      spec: {
        debate: {
          mode: 'Debate',
          rounds: 1,
          turnTimeoutSeconds: 300,
          seats: { critic: { providers: ['gpt', 'moon'], model: 'big', maxTokens: 500 } },
        },
      },
    });
    const resolved = resolveChains(spec, { providers: all, defaults: none });
    expect(resolved).toMatchObject({
      outcome: 'resolved',
      chains: { critic: { providers: ['gpt', 'moon'], model: 'big', maxTokens: 500 } },
    });
  });

  it("does the tasks with the visionary's chain and model", () => {
    const { spec } = aValidObjective({
      spec: {
        debate: {
          mode: 'Debate',
          rounds: 1,
          turnTimeoutSeconds: 300,
          seats: { visionary: { providers: ['gpt'], model: 'big' } },
        },
      },
    });
    const resolved = resolveChains(spec, { providers: all, defaults: none });
    expect(resolved).toMatchObject({ chains: { execution: { providers: ['gpt'], model: 'big', maxTokens: 8192 } } });
  });

  it('names every provider that does not exist, sorted', () => {
    const { spec } = aValidObjective({
      spec: {
        debate: {
          mode: 'Debate',
          rounds: 1,
          turnTimeoutSeconds: 300,
          seats: { critic: { providers: ['nobody'] }, tactician: { providers: ['gpt', 'anybody'] } },
        },
      },
    });
    expect(resolveChains(spec, { providers: all, defaults: none })).toEqual({
      outcome: 'refused',
      cause: { reason: 'UnknownProvider', message: 'no such ModelProvider in this namespace: anybody, nobody' },
    });
  });

  it('does not ask who sits in seats that a Single debate leaves empty', () => {
    const { spec } = aValidObjective({
      spec: {
        debate: { mode: 'Single', rounds: 1, turnTimeoutSeconds: 300, seats: { critic: { providers: ['nobody'] } } },
      },
    });
    expect(resolveChains(spec, { providers: all, defaults: none }).outcome).toBe('resolved');
  });
});

describe('the chains that a namespace sets', () => {
  const set = (chains: object): ReadDefaults => ({ outcome: 'read', chains });
  const resolve = (spec: object, defaults: ReadDefaults) =>
    resolveChains(aValidObjective({ spec }).spec, { providers: all, defaults });
  const providersOf = (resolved: ReturnType<typeof resolve>) =>
    resolved.outcome === 'resolved'
      ? Object.fromEntries(Object.entries(resolved.chains).map(([place, { providers }]) => [place, providers.join()]))
      : resolved.cause;
  const debate = (more: object) => ({ debate: { mode: 'Debate', rounds: 1, turnTimeoutSeconds: 300, ...more } });

  it('stand in for what an Objective does not name, seat by seat; tasks follow the Visionary where nobody says more', () => {
    expect(providersOf(resolve({}, set({ visionary: ['gpt', 'moon'] })))).toMatchObject({
      visionary: 'gpt,moon',
      critic: 'le-chat,moon,deep,claude,gpt,local',
      execution: 'gpt,moon',
    });
    const named = debate({ seats: { visionary: { providers: ['claude'], model: 'opus' } } });
    expect(providersOf(resolve(named, set({ visionary: ['gpt'], critic: ['deep'] })))).toMatchObject({
      visionary: 'claude',
      critic: 'deep',
      execution: 'claude',
    });
    const tasks = resolve(named, set({ execution: ['local'] }));
    expect(providersOf(tasks)).toMatchObject({ visionary: 'claude', execution: 'local' });
    expect(tasks).not.toHaveProperty('chains.execution.model');
  });

  it('are told where they name nobody that exists, and where they cannot be read: never passed over', () => {
    const unknown = { reason: 'UnknownProvider', message: expect.stringContaining('nobody, named by ConfigMap') };
    expect(providersOf(resolve({}, set({ critic: ['moon', 'nobody'] })))).toEqual(unknown);
    expect(providersOf(resolve({}, { outcome: 'malformed', message: 'critic is empty' }))).toEqual({
      reason: 'DefaultsMalformed',
      message: 'ConfigMap carnival-defaults: critic is empty',
    });
  });

  it('do not concern an Objective that names everybody whom it needs', () => {
    const own = { providers: ['moon'] };
    const bad: ReadDefaults = { outcome: 'malformed', message: 'x' };
    const all = { ...debate({ seats: { visionary: own, critic: own, tactician: own } }), execution: own };
    expect(resolve(all, bad).outcome).toBe('resolved');
    const single = { ...debate({ mode: 'Single', seats: { tactician: own } }), execution: own };
    expect(resolve(single, set({ visionary: ['nobody'], critic: ['nobody'] })).outcome).toBe('resolved');
    expect(resolve({ ...single, execution: {} }, set({ visionary: ['nobody'] })).outcome).toBe('refused');
  });
});
