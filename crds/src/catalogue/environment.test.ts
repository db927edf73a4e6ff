import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { modelProviderSpecSchema } from '../v1alpha1/model-provider.ts';
import { providerGrantSchema } from '../wire/node.ts';
import { readAzureEndpoint } from './azure-endpoint.ts';
import { findProviders } from './find-providers.ts';
import { CATALOGUE } from './generated/catalogue-data.ts';
import { ollamaUrl } from './ollama-url.ts';
import { providersFromEnvironment } from './providers-from-environment.ts';

const settings = (values: Record<string, string>) =>
  new Map(Object.entries(values).map(([name, value]) => [name, { value, from: '.env' }]));
const find = (values: Record<string, string>) => findProviders(settings(values));

const AZURE = 'https://res.services.ai.azure.com/openai/v1/';
/** The original's `.env`, filled in. */
const ORIGINAL = {
  AZURE_API_KEY: 'az',
  KIMI_ENDPOINT: AZURE,
  MISTRAL_ENDPOINT: AZURE,
  DEEPSEEK_ENDPOINT: AZURE,
  AZURE_GPT4O_ENDPOINT: 'https://gpt.openai.azure.com/',
  AZURE_GPT4O_KEY: 'g4',
  AZURE_GPT41_ENDPOINT: 'https://gpt.openai.azure.com/openai/deployments/my-41/chat/completions?api-version=2024-10-21',
  ANTHROPIC_API_KEY: 'an',
  GEMINI_API_KEY: 'ge',
  OPENAI_API_KEY: 'oa',
  GROQ_API_KEY: 'gr',
  CLAUDESON_URL: 'http://127.0.0.1:9999/',
};

describe('the variables of the original', () => {
  it('all stand in the table', () => {
    const rows = JSON.parse(readFileSync(new URL('../../../docs/original-rows.json', import.meta.url), 'utf8'));
    const known = new Set([
      ...CATALOGUE.environment.flatMap(({ keys, endpoint, azureKeys, modelVariable }) => [
        ...keys,
        endpoint,
        ...azureKeys,
        modelVariable,
      ]),
      CATALOGUE.ollama.endpoint,
      CATALOGUE.ollama.modelVariable,
    ]);
    for (const name of rows.environment.filter((each: string) => each !== 'NODE_ID')) expect(known).toContain(name);
    for (const name of ['KIMI_MODEL', 'MISTRAL_MODEL', 'DEEPSEEK_MODEL', 'MISTRAL_API_KEY', 'OLLAMA_MODEL'])
      expect(known).toContain(name);
  });

  it('make one provider each', () => {
    const { found, warnings } = find(ORIGINAL);
    expect(warnings).toEqual([]);
    expect(found.map(({ name, type, apiKey }) => [name, type, apiKey])).toEqual([
      ['kimi', 'Kimi', 'az'],
      ['mistral', 'Mistral', 'az'],
      ['deepseek', 'DeepSeek', 'az'],
      ['claude', 'Anthropic', 'an'],
      ['azure-gpt4o', 'AzureOpenAI', 'g4'],
      ['azure-gpt41', 'AzureOpenAI', 'g4'],
      ['gpt', 'OpenAI', 'oa'],
      ['gemini', 'Gemini', 'ge'],
      ['groq', 'Groq', 'gr'],
      ['claudeson', 'Claudeson', undefined],
    ]);
    const of = (name: string) => found.find((provider) => provider.name === name);
    expect(of('kimi')).toMatchObject({ endpoint: 'https://res.services.ai.azure.com/openai/v1', model: 'kimi-k2.6' });
    expect(of('azure-gpt41')).toMatchObject({ endpoint: 'https://gpt.openai.azure.com/openai/v1', model: 'my-41' });
    expect(of('claudeson')).toMatchObject({ endpoint: 'http://127.0.0.1:9999' });
    for (const { type, model, endpoint, prices } of found) {
      expect(modelProviderSpecSchema.safeParse({ type, model, endpoint, prices }).success).toBe(true);
    }
  });

  it('make grants of a wagon of its own, with an Ollama that they name last', () => {
    const { grants, warnings } = providersFromEnvironment({ ...ORIGINAL, OLLAMA_HOST: '0.0.0.0', EMPTY: ' ' });
    expect(warnings).toEqual([]);
    expect(grants.map(({ name }) => name)).toEqual([...find(ORIGINAL).found.map(({ name }) => name), 'ollama']);
    expect(grants.at(-1)).toEqual({
      name: 'ollama',
      type: 'Ollama',
      endpoint: 'http://127.0.0.1:11434',
      probeIntervalSeconds: 300,
    });
    for (const grant of grants) expect(providerGrantSchema.safeParse(grant).success).toBe(true);
    expect(providersFromEnvironment({ OLLAMA_MODEL: 'qwen3:4b' }).grants).toMatchObject([
      { name: 'ollama', model: 'qwen3:4b' },
    ]);
    const { grants: none, localOllama } = providersFromEnvironment({});
    expect(none).toEqual([]);
    expect(localOllama).toMatchObject({ name: 'ollama', endpoint: 'http://127.0.0.1:11434' });
  });
});

describe('findProviders', () => {
  it('asks a deployment by the name that the variable gives', () => {
    const { found } = find({
      AZURE_API_KEY: 'az',
      KIMI_ENDPOINT: AZURE,
      KIMI_MODEL: 'my-kimi',
      DEEPSEEK_ENDPOINT: AZURE,
      DEEPSEEK_MODEL: 'DeepSeek-V4-Pro',
    });
    expect(found).toMatchObject([
      { name: 'kimi', model: 'my-kimi' },
      { name: 'deepseek', model: 'DeepSeek-V4-Pro', prices: { inputPerMillionTokens: '1.74' } },
    ]);
    expect(found[0]).not.toHaveProperty('prices');
  });

  it('turns a retired Azure route into the one that stays, and says so', () => {
    const { found, notes } = find({
      AZURE_API_KEY: 'az',
      MISTRAL_ENDPOINT: 'https://r.services.ai.azure.com/models',
      AZURE_GPT41_ENDPOINT: ORIGINAL.AZURE_GPT41_ENDPOINT,
    });
    expect(found.map(({ endpoint }) => endpoint)).toEqual([
      'https://r.services.ai.azure.com/openai/v1',
      'https://gpt.openai.azure.com/openai/v1',
    ]);
    expect(notes).toEqual([
      'MISTRAL_ENDPOINT names a retired route of Azure: https://r.services.ai.azure.com/openai/v1 is used, with the deployment as model',
      'AZURE_GPT41_ENDPOINT names a retired route of Azure: https://gpt.openai.azure.com/openai/v1 is used, with the deployment as model',
    ]);
    expect(find(ORIGINAL).notes).toHaveLength(1);
  });

  it('takes AZURE_API_KEY for GPT-4.1 where GPT-4o has no key of its own', () => {
    const { found } = find({ AZURE_API_KEY: 'az', AZURE_GPT41_ENDPOINT: AZURE });
    expect(found).toMatchObject([{ name: 'azure-gpt41', apiKey: 'az', model: 'gpt-4.1' }]);
  });

  it('takes MISTRAL_API_KEY for Mistral Cloud, and never shows it to Azure', () => {
    expect(find({ MISTRAL_API_KEY: 'm' }).found).toMatchObject([{ name: 'mistral', apiKey: 'm' }]);
    expect(find({ MISTRAL_API_KEY: 'm' }).found[0]).not.toHaveProperty('endpoint');
    expect(find({ MISTRAL_API_KEY: 'm', MISTRAL_ENDPOINT: AZURE, AZURE_API_KEY: 'az' }).found).toMatchObject([
      { apiKey: 'az', endpoint: 'https://res.services.ai.azure.com/openai/v1' },
    ]);
    const { found, warnings, notes } = find({ MISTRAL_API_KEY: 'm', MISTRAL_ENDPOINT: AZURE });
    expect(found).toMatchObject([{ name: 'mistral', apiKey: 'm', foundIn: 'MISTRAL_API_KEY in .env' }]);
    expect(found[0]).not.toHaveProperty('endpoint');
    expect([...warnings, ...notes].join()).toMatch(/set AZURE_API_KEY.*own cloud/);
  });

  it('prefers the key of the provider itself, and goes to its public place without an endpoint', () => {
    const { found } = find({ KIMI_API_KEY: 'own', AZURE_API_KEY: 'az', KIMI_MODEL: 'kimi-k3', MISTRAL_API_KEY: 'm' });
    expect(found).toMatchObject([
      {
        name: 'kimi',
        apiKey: 'own',
        model: 'kimi-k3',
        foundIn: 'KIMI_API_KEY in .env',
        prices: { outputPerMillionTokens: '15' },
      },
      { name: 'mistral', apiKey: 'm' },
    ]);
    expect(found[0]).not.toHaveProperty('endpoint');
  });

  it('leaves the place of Claude on Azure as it stands: it is another wire', () => {
    const endpoint = 'https://res.services.ai.azure.com/anthropic';
    expect(find({ ANTHROPIC_API_KEY: 'k', ANTHROPIC_BASE_URL: endpoint }).found).toMatchObject([{ endpoint }]);
  });

  it('takes any OpenAI-compatible server, with or without a key', () => {
    const url = 'http://127.0.0.1:8765/v1';
    const { found } = find({ CARNIVAL_OPENAI_COMPATIBLE_URL: url, CARNIVAL_OPENAI_COMPATIBLE_MODEL: 'smollm2' });
    expect(found).toMatchObject([
      { name: 'openai-compatible', type: 'OpenAICompatible', endpoint: url, model: 'smollm2' },
    ]);
  });

  it('says what is set but leads nowhere, without a value in it', () => {
    const { found, warnings } = find({
      KIMI_ENDPOINT: 'https://x.services.ai.azure.com',
      CLAUDESON_URL: 'http://me:hunter2@127.0.0.1/',
      CARNIVAL_OPENAI_COMPATIBLE_URL: 'http://127.0.0.1:1/v1',
      GROQ_API_KEY: 'gr',
      GROQ_ENDPOINT: 'nonsense',
    });
    expect(found).toEqual([]);
    expect(warnings).toEqual([
      'KIMI_ENDPOINT is set, but no key for it: set AZURE_API_KEY',
      'GROQ_ENDPOINT is no http(s) URL without a password in it: Groq is left out',
      'CLAUDESON_URL is no http(s) URL without a password in it: Claudeson bridge is left out',
      'CARNIVAL_OPENAI_COMPATIBLE_URL is set, but CARNIVAL_OPENAI_COMPATIBLE_MODEL is not: OpenAI-compatible server is left out',
    ]);
  });

  it('finds nothing in an Azure key alone', () => {
    expect(find({ AZURE_API_KEY: 'az', AZURE_GPT4O_KEY: 'g' })).toEqual({ found: [], warnings: [], notes: [] });
  });
});

describe('readAzureEndpoint', () => {
  it.each([
    ['https://r.openai.azure.com', 'https://r.openai.azure.com/openai/v1', undefined, false],
    ['https://r.openai.azure.com/openai/v1/', 'https://r.openai.azure.com/openai/v1', undefined, false],
    [
      'https://r.services.ai.azure.com/models/chat/completions?api-version=2024-05-01-preview',
      'https://r.services.ai.azure.com/openai/v1',
      undefined,
      true,
    ],
    [
      'https://r.openai.azure.com/openai/deployments/Kimi%20K2/chat/completions',
      'https://r.openai.azure.com/openai/v1',
      'Kimi K2',
      true,
    ],
    ['https://r.openai.azure.com/openai/deployments/bad%zz', 'https://r.openai.azure.com/openai/v1', 'bad%zz', true],
    ['https://r.services.ai.azure.com/api/projects/mine', 'https://r.services.ai.azure.com/openai/v1', undefined, true],
    [
      'https://m.eastus.models.ai.azure.com/v1/chat/completions',
      'https://m.eastus.models.ai.azure.com/v1',
      undefined,
      false,
    ],
  ])('makes of %s the base that stays', (url, base, deployment, isRewritten) => {
    expect(readAzureEndpoint(url)).toEqual({ base, isRewritten, ...(deployment ? { deployment } : {}) });
  });

  it('leaves every other address alone, also one that only looks like Azure', () => {
    for (const url of [
      'https://api.moonshot.ai/v1',
      'http://r.openai.azure.com',
      'https://azure.com.evil.example/',
      'https://notazure.com/v1',
      'https://u:p@r.openai.azure.com/',
      'x',
    ]) {
      expect(readAzureEndpoint(url)).toBeUndefined();
    }
  });
});

describe('ollamaUrl', () => {
  it('reads OLLAMA_HOST as Ollama does', () => {
    expect(ollamaUrl(undefined)).toBe('http://127.0.0.1:11434');
    expect(ollamaUrl('0.0.0.0')).toBe('http://127.0.0.1:11434');
    expect(ollamaUrl('gpu.lan:8080')).toBe('http://gpu.lan:8080');
    expect(ollamaUrl('https://ollama.example/')).toBe('https://ollama.example');
    expect(ollamaUrl('http://x:80')).toBe('http://x');
  });
});
