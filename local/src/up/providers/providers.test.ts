import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { modelProviderSpecSchema } from '@dark-carnival/crds';
import { afterEach, describe, expect, it } from 'vitest';
import { readAzureEndpoint } from './azure-endpoint.ts';
import { CATALOGUE_DATE, PROVIDER_VARIABLES } from './catalogue.ts';
import { findProviders } from './find-providers.ts';
import { findOllama, ollamaUrl } from './ollama.ts';
import { readSettings } from './settings.ts';

const settings = (values: Record<string, string>) =>
  new Map(Object.entries(values).map(([name, value]) => [name, { value, from: '.env' }]));
const find = (values: Record<string, string>) => findProviders(settings(values));

describe('the catalogue', () => {
  it('has a source for each default model, looked up on one day', () => {
    expect(CATALOGUE_DATE).toMatch(/^\d{4}-\d\d-\d\d$/);
    for (const { name, model, source } of PROVIDER_VARIABLES) expect(Boolean(model), name).toBe(Boolean(source));
  });

  it('names no model that has been shut down', () => {
    const gone =
      /gemini-[12]\.|llama-3\.3|deepseek-(chat|reasoner)|kimi-k2-(0711|0905|turbo|thinking)|claude-sonnet-4-5/;
    for (const { model = '' } of PROVIDER_VARIABLES) expect(model).not.toMatch(gone);
  });
});

describe('findProviders', () => {
  it('reads every variable of the original', () => {
    const azure = 'https://res.services.ai.azure.com/openai/v1/';
    const { found, warnings } = find({
      AZURE_API_KEY: 'az',
      KIMI_ENDPOINT: azure,
      MISTRAL_ENDPOINT: azure,
      DEEPSEEK_ENDPOINT: azure,
      AZURE_GPT4O_ENDPOINT: 'https://gpt.openai.azure.com/',
      AZURE_GPT4O_KEY: 'g4',
      AZURE_GPT41_ENDPOINT:
        'https://gpt.openai.azure.com/openai/deployments/my-41/chat/completions?api-version=2024-10-21',
      ANTHROPIC_API_KEY: 'an',
      GEMINI_API_KEY: 'ge',
      OPENAI_API_KEY: 'oa',
      GROQ_API_KEY: 'gr',
      CLAUDESON_URL: 'http://127.0.0.1:9999/',
    });
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
    for (const { type, model, endpoint } of found) {
      expect(modelProviderSpecSchema.safeParse({ type, model, endpoint }).success).toBe(true);
    }
  });

  it('prefers the key of the provider itself, and goes to its public place without an endpoint', () => {
    const { found } = find({ KIMI_API_KEY: 'own', AZURE_API_KEY: 'az', KIMI_MODEL: 'kimi-k3', MISTRAL_API_KEY: 'm' });
    expect(found).toMatchObject([
      { name: 'kimi', apiKey: 'own', model: 'kimi-k3', foundIn: 'KIMI_API_KEY in .env' },
      { name: 'mistral', apiKey: 'm' },
    ]);
    expect(found[0]).not.toHaveProperty('endpoint');
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
      'KIMI_ENDPOINT is set, but no key for it: set KIMI_API_KEY or MOONSHOT_API_KEY or AZURE_API_KEY',
      'GROQ_ENDPOINT is no http(s) URL without a password in it: Groq is left out',
      'CLAUDESON_URL is no http(s) URL without a password in it: Claudeson bridge is left out',
      'CARNIVAL_OPENAI_COMPATIBLE_URL is set, but CARNIVAL_OPENAI_COMPATIBLE_MODEL is not: OpenAI-compatible server is left out',
    ]);
  });

  it('finds nothing in an Azure key alone', () => {
    expect(find({ AZURE_API_KEY: 'az', AZURE_GPT4O_KEY: 'g' })).toEqual({ found: [], warnings: [] });
  });
});

describe('readAzureEndpoint', () => {
  it.each([
    ['https://r.openai.azure.com', 'https://r.openai.azure.com/openai/v1', undefined],
    [
      'https://r.services.ai.azure.com/models/chat/completions?api-version=2024-05-01-preview',
      'https://r.services.ai.azure.com/openai/v1',
      undefined,
    ],
    [
      'https://r.openai.azure.com/openai/deployments/Kimi%20K2/chat/completions',
      'https://r.openai.azure.com/openai/v1',
      'Kimi K2',
    ],
    ['https://m.eastus.models.ai.azure.com/v1/chat/completions', 'https://m.eastus.models.ai.azure.com/v1', undefined],
  ])('makes of %s the base that stays', (url, base, deployment) => {
    expect(readAzureEndpoint(url)).toEqual({ base, ...(deployment ? { deployment } : {}) });
  });

  it('leaves every other address alone, also one that only looks like Azure', () => {
    for (const url of [
      'https://api.moonshot.ai/v1',
      'http://r.openai.azure.com',
      'https://azure.com.evil.example/',
      'x',
    ]) {
      expect(readAzureEndpoint(url)).toBeUndefined();
    }
  });
});

describe('readSettings', () => {
  it('lets the environment win over .env, and that over Self-R/.env, and takes empty for not set', () => {
    const dir = mkdtempSync(join(tmpdir(), 'carnival-env-'));
    mkdirSync(join(dir, 'Self-R'));
    writeFileSync(join(dir, '.env'), 'A=dot\nB="dot b"\nC=\n');
    writeFileSync(join(dir, 'Self-R', '.env'), 'A=self\nB=self\nC=self # remark\n');
    const read = readSettings({ A: 'env', EMPTY: ' ' }, dir);
    rmSync(dir, { recursive: true });
    expect(Object.fromEntries(read)).toEqual({
      A: { value: 'env', from: 'the environment' },
      B: { value: 'dot b', from: '.env' },
      C: { value: 'self', from: join('Self-R', '.env') },
    });
  });
});

const portOf = (server: Server | undefined) => {
  const address = server?.address();
  return typeof address === 'object' && address ? address.port : 0;
};

describe('findOllama', () => {
  let server: Server | undefined;
  afterEach(() => server?.close());
  const serve = (body: string, status = 200) =>
    new Promise<string>((resolve) => {
      server = createServer((_, response) => response.writeHead(status).end(body)).listen(0, '127.0.0.1', () =>
        resolve(`127.0.0.1:${portOf(server)}`),
      );
    });
  const TAGS = JSON.stringify({
    models: [
      { name: 'old:1b', modified_at: '2026-01-01T00:00:00Z' },
      { name: 'new:4b', modified_at: '2026-11-01T00:00:00Z' },
    ],
  });

  it('takes the model that was pulled last, or the one that is asked for', async () => {
    const host = await serve(TAGS);
    expect(await findOllama(host, undefined)).toMatchObject({
      state: 'Found',
      provider: { model: 'new:4b', endpoint: `http://${host}` },
    });
    expect(await findOllama(host, 'old:1b')).toMatchObject({ provider: { model: 'old:1b' } });
  });

  it('tells an Ollama without models from none at all', async () => {
    expect(await findOllama(await serve('{"models":[]}'), undefined)).toMatchObject({ state: 'NoModel' });
    server?.close();
    expect(await findOllama(await serve('<html>', 500), undefined)).toMatchObject({ state: 'Unreachable' });
    server?.close();
    expect(await findOllama('127.0.0.1:9', undefined)).toMatchObject({ state: 'Unreachable' });
  });

  it('reads OLLAMA_HOST as Ollama does', () => {
    expect(ollamaUrl(undefined)).toBe('http://127.0.0.1:11434');
    expect(ollamaUrl('0.0.0.0')).toBe('http://127.0.0.1:11434');
    expect(ollamaUrl('gpu.lan:8080')).toBe('http://gpu.lan:8080');
    expect(ollamaUrl('https://ollama.example/')).toBe('https://ollama.example');
    expect(ollamaUrl('http://x:80')).toBe('http://x');
  });
});
