import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ProviderGrant } from '@dark-carnival/crds';
import { systemClock } from '@dark-carnival/crds/clock';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { planSchemaFor } from '../../agent/src/debate/plan-schema.ts';
import { createProvider } from '../../agent/src/providers/create-provider.ts';
import { ConnectionPool } from '../../agent/src/providers/guarded-fetch.ts';
import {
  aRequest,
  callOptions,
  describeProviderContract,
} from '../../agent/src/providers/testing/provider-conformance.ts';
import { eventually } from '../harness/eventually.ts';
import { freePort } from '../harness/free-port.ts';

/**
 * A real Ollama with a real model: the contract of every provider, its list of what was pulled, a schema that its grammar enforces, and an
 * abort. A small model proves the wire; never quality.
 */
const binary = findBinary();
const weights = findWeights();
if (!binary || !weights)
  console.warn(
    'SKIPPED providers-ollama: it needs an ollama (in PATH, or OLLAMA_BIN; `go install github.com/ollama/ollama@v0.6.5` builds one) and the weights of a small model (OLLAMA_TEST_GGUF, a .gguf file).',
  );

function findBinary(): string | undefined {
  const path = process.env['OLLAMA_BIN'] ?? 'ollama';
  try {
    execFileSync(path, ['--version'], { stdio: 'ignore' });
    return path;
  } catch {
    return undefined;
  }
}

function findWeights(): string | undefined {
  const given = process.env['OLLAMA_TEST_GGUF'];
  if (given !== undefined) return existsSync(given) ? given : undefined;
  const folder = join(homedir(), '.cache', 'small-model', 'weights');
  const file = existsSync(folder) ? readdirSync(folder).find((name) => name.endsWith('.gguf')) : undefined;
  return file === undefined ? undefined : join(folder, file);
}

const MODELFILE = `FROM ${weights}
TEMPLATE """{{ range .Messages }}<|im_start|>{{ .Role }}
{{ .Content }}<|im_end|>
{{ end }}<|im_start|>assistant
"""
PARAMETER stop <|im_end|>
PARAMETER temperature 0
PARAMETER num_thread 1
`;

describe.skipIf(!binary || !weights)('a real Ollama', { timeout: 480_000 }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'carnival-ollama-'));
  const pool = new ConnectionPool();
  let server: ChildProcess | undefined;
  let endpoint = '';
  const make = (more: Partial<ProviderGrant> = {}) =>
    createProvider(
      { name: 'ollama', type: 'Ollama', endpoint, probeIntervalSeconds: 300, ...more },
      { pool, clock: systemClock, refusedHosts: [] },
    );
  const { signal } = new AbortController();

  beforeAll(async () => {
    const host = `127.0.0.1:${await freePort()}`;
    endpoint = `http://${host}`;
    const env = {
      PATH: process.env['PATH'] ?? '',
      HOME: folder,
      OLLAMA_HOST: host,
      OLLAMA_MODELS: join(folder, 'models'),
    };
    server = spawn(binary ?? '', ['serve'], { env, stdio: 'ignore' });
    await eventually(async () => (await fetch(`${endpoint}/api/tags`)).ok || undefined, {
      timeoutMs: 60_000,
      what: 'Ollama',
      everyMs: 250,
    });
    expect(await make().probe(signal)).toMatchObject({ healthy: 'False', reason: 'NoModelPulled' });
    writeFileSync(join(folder, 'Modelfile'), MODELFILE);
    execFileSync(binary ?? '', ['create', 'small', '-f', join(folder, 'Modelfile')], {
      env,
      stdio: 'ignore',
      timeout: 120_000,
    });
  }, 240_000);
  afterAll(async () => {
    server?.kill();
    await pool.close();
    rmSync(folder, { recursive: true, force: true });
  });

  describeProviderContract('Ollama itself', () => make({ model: 'small' }));

  it('is asked for its newest model where none is named, and counts its tokens', async () => {
    const provider = make();
    const answer = await provider.complete(aRequest({ maxTokens: 16 }), callOptions());
    expect(answer).toMatchObject({ model: 'small:latest', usageEstimated: false });
    expect(answer.outputTokens).toBeLessThanOrEqual(16);
    expect(await provider.probe(signal)).toMatchObject({
      healthy: 'True',
      model: 'small:latest',
      models: ['small:latest'],
    });
    expect(await make({ model: 'absent' }).probe(signal)).toMatchObject({
      reason: 'ModelUnknown',
      replacement: 'small:latest',
    });
    await expect(make({ model: 'absent' }).complete(aRequest(), callOptions())).rejects.toMatchObject({
      kind: 'not-found',
    });
  });

  it('enforces the schema of a plan by its grammar, patterns and lengths included', async () => {
    const schema = planSchemaFor({ maxTasks: 1, maxTokens: 200 });
    const provider = make({ model: 'small' });
    const answer = await provider.complete(
      aRequest({
        system: 'You plan.',
        messages: [{ role: 'user', content: 'Plan a note about tides. Answer in JSON.' }],
        schema: { name: 'plan', schema },
        maxTokens: 200,
      }),
      callOptions(),
    );
    expect(answer.finishReason).toBe('stop');
    expect(answer.json).toMatchObject({
      summary: expect.any(String),
      tasks: { t1: { kind: expect.stringMatching(/^(File|Analysis)$/) } },
    });
    expect(provider.capabilities).toEqual(['Streaming', 'StrictSchema']);
  });
});
