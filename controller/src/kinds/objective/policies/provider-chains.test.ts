import type { ProviderType } from '@dark-carnival/crds';
import { describe, expect, it } from 'vitest';
import { aProviderFacts, aValidObjective } from '../../../../testing/a-snapshot.ts';
import { defaultChain, resolveChains } from './provider-chains.ts';

const provider = (name: string, type: ProviderType) => aProviderFacts({ name, type });
const all = [
  provider('local', 'Ollama'),
  provider('claude', 'Anthropic'),
  provider('moon', 'Kimi'),
  provider('le-chat', 'Mistral'),
  provider('deep', 'DeepSeek'),
  provider('gpt', 'OpenAI'),
];

describe('who answers', () => {
  it('asks in each seat another family first, then the rest in order', () => {
    expect(defaultChain('visionary', all)).toEqual(['moon', 'le-chat', 'deep', 'claude', 'gpt', 'local']);
    expect(defaultChain('critic', all)).toEqual(['le-chat', 'moon', 'deep', 'claude', 'gpt', 'local']);
    expect(defaultChain('tactician', all)).toEqual(['deep', 'moon', 'le-chat', 'claude', 'gpt', 'local']);
  });

  it('rehearses where there is no model at all', () => {
    expect(defaultChain('critic', [])).toEqual(['rehearsal']);
  });

  it('never lets a rehearsal stand in for a model', () => {
    const both = [provider('stage', 'Rehearsal'), provider('moon', 'Kimi')];
    expect(defaultChain('visionary', both)).toEqual(['moon']);
    expect(defaultChain('visionary', [provider('stage', 'Rehearsal')])).toEqual(['stage']);
  });

  it('holds twelve providers at most', () => {
    const many = Array.from({ length: 20 }, (_, index) =>
      provider(`p${String(index).padStart(2, '0')}`, 'OpenAICompatible'),
    );
    expect(defaultChain('visionary', many)).toHaveLength(12);
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
    const resolved = resolveChains(spec, all);
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
    const resolved = resolveChains(spec, all);
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
    expect(resolveChains(spec, all)).toEqual({ outcome: 'unknown', names: ['anybody', 'nobody'] });
  });

  it('does not ask who sits in seats that a Single debate leaves empty', () => {
    const { spec } = aValidObjective({
      spec: {
        debate: { mode: 'Single', rounds: 1, turnTimeoutSeconds: 300, seats: { critic: { providers: ['nobody'] } } },
      },
    });
    expect(resolveChains(spec, all).outcome).toBe('resolved');
  });
});
