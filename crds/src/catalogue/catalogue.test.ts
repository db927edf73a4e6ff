import { describe, expect, it } from 'vitest';
import { catalogueFiles, readCatalogue } from '../../scripts/catalogue-files.ts';
import { modelProviderSpecSchema, PROVIDER_TYPES } from '../v1alpha1/model-provider.ts';
import { findModel, hasEnded, isKnownModel, usualModel } from './find-model.ts';
import { CATALOGUE } from './generated/catalogue-data.ts';

const CHECKED = Date.parse(CATALOGUE.checked);

describe('models.yaml', () => {
  it('is what the generated copy says', () => {
    expect(CATALOGUE).toEqual(readCatalogue());
    expect([...catalogueFiles().keys()]).toEqual([
      'crds/src/catalogue/generated/catalogue-data.ts',
      'docs/api/models.md',
    ]);
  });

  it('has a model for each family whose models are known, and its usual one has not ended and is not replaced', () => {
    const unknowable = ['AzureOpenAI', 'Ollama', 'Claudeson', 'OpenAICompatible', 'Rehearsal'];
    for (const type of PROVIDER_TYPES.filter((each) => !unknowable.includes(each))) {
      const usual = usualModel(type);
      const known = usual === undefined ? undefined : findModel({ type }, usual);
      expect([type, known?.id, known?.replacedBy, known && hasEnded(known, CHECKED)]).toEqual([
        type,
        usual,
        undefined,
        false,
      ]);
    }
  });

  it('makes specs that the API accepts of every row of the environment', () => {
    for (const { type, model = 'm', name } of CATALOGUE.environment) {
      const spec = { type, model, endpoint: 'https://example.org/v1' };
      expect([name, modelProviderSpecSchema.safeParse(spec).success]).toEqual([name, true]);
    }
  });

  it.each([
    ['a model twice', (text: string) => text.replace('id: kimi-k3,', 'id: KIMI-K2.6,'), /twice/],
    [
      'a replacement that is not there',
      (text: string) => text.replace('replacedBy: deepseek-flash', 'replacedBy: nobody'),
      /not there/,
    ],
    ['a price that is a number', (text: string) => text.replace("['0.95', '4']", '[0.95, 4]'), /prices/],
    ['an end that is no date', (text: string) => text.replace("'2026-07-24'", "'next summer'"), /ends/],
    [
      'a default model that nobody knows',
      (text: string) => text.replace('model: deepseek-v4-pro }', 'model: x }'),
      /default model of deepseek/,
    ],
    ['a field that is misspelt', (text: string) => text.replace('context: 262144', 'contxt: 262144'), /contxt|context/],
  ])('is refused with %s', async (_what, spoil, message) => {
    const { readFile } = await import('node:fs/promises');
    const text = await readFile(new URL('../../models.yaml', import.meta.url), 'utf8');
    expect(spoil(text)).not.toBe(text);
    expect(() => readCatalogue(spoil(text))).toThrow(message);
  });
});

describe('a model that is looked up', () => {
  it('is found in any case, and by the name of its dated snapshot', () => {
    expect(findModel({ type: 'Kimi' }, 'Kimi-K2.6')?.id).toBe('kimi-k2.6');
    expect(findModel({ type: 'OpenAI' }, 'gpt-4o-2024-11-20')?.id).toBe('gpt-4o');
    expect(findModel({ type: 'Anthropic' }, 'claude-sonnet-4-5-20250929')?.replacedBy).toBe('claude-sonnet-5');
    expect(findModel({ type: 'OpenAI' }, 'kimi-k2.6')).toBeUndefined();
    expect(findModel({ type: 'Claudeson' }, 'default')).toBeUndefined();
    expect(isKnownModel('Gemini', 'models/gemini-3.5-flash')).toBe(true);
  });

  it('ends on another day, and may cost something else, where Azure serves it', () => {
    const azure = { type: 'DeepSeek', endpoint: 'https://r.services.ai.azure.com/openai/v1' } as const;
    expect(findModel({ type: 'OpenAI' }, 'gpt-4o')?.ends).toBe('2027-01-14');
    expect(findModel({ type: 'AzureOpenAI' }, 'gpt-4o')?.ends).toBe('2027-04-14');
    expect(findModel({ type: 'OpenAI' }, 'gpt-4.1')?.ends).toBe('2027-01-14');
    expect(findModel({ type: 'DeepSeek' }, 'deepseek-v4-pro')?.prices?.inputPerMillionTokens).toBe('1.32');
    expect(findModel(azure, 'DeepSeek-V4-Pro')?.prices?.inputPerMillionTokens).toBe('1.74');
  });

  it('has ended from its day on', () => {
    expect(hasEnded({ ends: '2026-11-30' }, Date.parse('2026-11-29T23:59:59Z'))).toBe(false);
    expect(hasEnded({ ends: '2026-11-30' }, Date.parse('2026-11-30T00:00:00Z'))).toBe(true);
    expect(hasEnded({}, CHECKED)).toBe(false);
  });
});
