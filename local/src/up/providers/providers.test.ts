import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { modelNotes } from './model-notes.ts';
import { findOllama } from './ollama.ts';
import { readSettings } from './settings.ts';

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
});

describe('modelNotes', () => {
  const found = (type: 'OpenAI' | 'AzureOpenAI' | 'Gemini', model: string) => ({
    name: 'it',
    type,
    label: 'It',
    model,
    foundIn: '.env',
  });
  const day = Date.parse('2026-11-24');

  it('says which model is gone and which soon will be, with what to use instead', () => {
    expect(modelNotes([found('Gemini', 'gemini-2.0-flash')], day)).toEqual([
      'provider it: gemini-2.0-flash ended on 2026-06-01; use gemini-3.5-flash instead',
    ]);
    expect(modelNotes([found('OpenAI', 'gpt-4o')], day)).toEqual([
      'provider it: gpt-4o ends on 2027-01-14; use gpt-5.4 instead',
    ]);
  });

  it('says nothing of a model that has time, or that nobody knows', () => {
    expect(
      modelNotes([found('AzureOpenAI', 'gpt-4o'), found('OpenAI', 'gpt-5.4'), found('OpenAI', 'ours')], day),
    ).toEqual([]);
  });
});
