import { describe, expect, it } from 'vitest';
import { CATALOGUE } from './generated/catalogue-data.ts';
import { pricesOf } from './prices-of.ts';

const written = { inputPerMillionTokens: '7', outputPerMillionTokens: '8' };
const listed = {
  inputPerMillionTokens: '0.95',
  outputPerMillionTokens: '4',
  from: 'Catalogue',
  asOf: CATALOGUE.checked,
};
const free = { inputPerMillionTokens: '0', outputPerMillionTokens: '0', from: 'Free' };

describe('what a model costs at a provider', () => {
  it.each([
    [
      'is what a person wrote',
      { type: 'Kimi', model: 'kimi-k2.6', prices: written },
      undefined,
      { ...written, from: 'Spec' },
    ],
    [
      'is what the catalogue knows, with its day, where nobody wrote any',
      { type: 'Kimi', model: 'kimi-k2.6' },
      undefined,
      listed,
    ],
    [
      'is the catalogue’s for another model than its own',
      { type: 'Kimi', model: 'kimi-k3', prices: written },
      'kimi-k2.6',
      listed,
    ],
    [
      'is what was written where the catalogue does not know the other model',
      { type: 'Kimi', model: 'a', prices: written },
      'b',
      { ...written, from: 'Spec' },
    ],
    ['is unknown where nobody knows', { type: 'OpenAICompatible', model: 'a' }, undefined, undefined],
    ['is unknown at a bridge', { type: 'Claudeson', model: 'claude' }, undefined, undefined],
    ['is nothing at an Ollama, whatever it pulled', { type: 'Ollama' }, undefined, free],
    ['is nothing for the Rehearsal', { type: 'Rehearsal', model: 'rehearsal' }, undefined, free],
    [
      'is what was written for an Ollama too',
      { type: 'Ollama', prices: written },
      undefined,
      { ...written, from: 'Spec' },
    ],
  ] as const)('%s', (_what, place, model, want) => {
    expect(pricesOf(place, model)).toEqual(want);
  });
});
