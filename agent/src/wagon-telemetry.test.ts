import type { ProviderGrant } from '@dark-carnival/crds';
import { attemptSpanId, jobSpanId, readTraceSettings, traceIdOf } from '@dark-carnival/telemetry';
import { collectGlobalSpans, OtlpCollector, sampleOf } from '@dark-carnival/telemetry/testing';
import { describe, expect, it, onTestFinished } from 'vitest';
import { aDebateAssignment, aTaskAssignment, OBJECTIVE } from '../testing/assignments.ts';
import { temporaryFolder } from '../testing/temporary-folder.ts';
import { aWagon } from '../testing/wagon-bench.ts';
import { startProcess } from '../testing/wagon-process.ts';
import { anthropicError, anthropicModelList, messageStream } from './providers/testing/anthropic-fixtures.ts';
import { chatStream } from './providers/testing/openai-fixtures.ts';
import { type Reply, startWireServer } from './providers/testing/wire-server.ts';

const KEY = 'canary-key-4f9a1c0d77e2';
const FILE = '# A tide chart\n\nHigh water is at six in the morning, low water at noon.\n';

async function aCollector(env: Record<string, string> = {}) {
  const collector = await OtlpCollector.open();
  onTestFinished(() => collector.close());
  const trace = readTraceSettings({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, ...env });
  if (trace === undefined) throw new Error('tracing is off');
  return { collector, trace };
}

/** A model server of both wires: what it is asked on the OpenAI wire fails in a way that quotes the key. */
async function aModel(claude: (number: number) => Reply) {
  const server = await startWireServer();
  onTestFinished(() => server.close());
  let asked = 0;
  server.play(({ path, headers }) => {
    if (path.includes('/models')) return anthropicModelList('claude-x');
    if (path.includes('/chat/completions'))
      return { status: 401, chunks: [JSON.stringify({ error: { message: `bad key ${headers.authorization}` } })] };
    asked += 1;
    return claude(asked);
  });
  const grant = (name: string, type: ProviderGrant['type'], model: string): ProviderGrant => ({
    ...{ name, type, model, endpoint: server.url, apiKey: KEY, probeIntervalSeconds: 300 },
    prices: { inputPerMillionTokens: '1', outputPerMillionTokens: '2' },
  });
  const providers = [grant('gateway', 'OpenAICompatible', 'gate-1'), grant('claude', 'Anthropic', 'claude-x')];
  return { providers, digest: `sha256:${'d'.repeat(64)}` };
}

describe('a wagon that is traced', () => {
  it('tells of each job, turn and try in the trace of the Objective, once, with every retry and fallback', async () => {
    const { collector, trace } = await aCollector();
    const foreign = collectGlobalSpans();
    onTestFinished(foreign.end);
    const { wagon, client } = await aWagon({ trace });
    const grants = await aModel((number) =>
      number === 1 ? anthropicError(529, 'overloaded_error', 'Overloaded') : messageStream(FILE),
    );
    expect((await client.call('PUT', '/api/providers', grants)).status).toBe(200);
    const job = aTaskAssignment({ task: { chain: { providers: ['gateway', 'claude'], maxTokens: 777 } } });
    await client.putJob(job);
    expect(await client.jobEnd(job.id)).toMatchObject({ state: 'Succeeded' });
    foreign.emitOne();
    await wagon.stop();

    const [span] = collector.named('job task');
    expect(span).toMatchObject({
      service: 'dark-carnival-wagon',
      traceId: traceIdOf(OBJECTIVE.uid),
      spanId: jobSpanId(job.id),
      parentSpanId: attemptSpanId(job.id),
      attributes: { 'darkcarnival.job.state': 'Succeeded', 'darkcarnival.objective.name': OBJECTIVE.name },
    });
    const chats = collector.named(/^chat /);
    expect(chats.map(({ name, attributes, status }) => [name, attributes['error.type'], status.code ?? 0])).toEqual([
      ['chat gate-1', 'unauthorized', 2],
      ['chat claude-x', 'overloaded', 2],
      ['chat claude-x', undefined, 0],
    ]);
    expect(chats.every(({ kind, parentSpanId }) => kind === 3 && parentSpanId === span?.spanId)).toBe(true);
    const { port } = new URL(grants.providers[0]?.endpoint ?? '');
    expect(chats[2]?.attributes).toMatchObject({
      'gen_ai.operation.name': 'chat',
      'gen_ai.provider.name': 'anthropic',
      'gen_ai.request.model': 'claude-x',
      'gen_ai.request.max_tokens': 777,
      'gen_ai.response.model': 'claude-fixture',
      'gen_ai.response.finish_reasons': ['stop'],
      // 16 + 2 written to + 3 read from the cache.
      'gen_ai.usage.input_tokens': 21,
      'gen_ai.usage.output_tokens': 9,
      'gen_ai.output.type': 'text',
      'gen_ai.agent.name': 'task',
      'gen_ai.conversation.id': OBJECTIVE.uid,
      'server.address': '127.0.0.1',
      'server.port': Number(port),
      'darkcarnival.cost_usd': 0.000039,
    });
    expect(foreign.names()).toEqual(['foreign']);
    expect(collector.bodies.join()).not.toContain(KEY);
    expect(collector.bodies.join()).not.toContain('tide chart');
  });

  it('tells of the turns of a debate', async () => {
    const { collector, trace } = await aCollector();
    const { wagon, client } = await aWagon({ trace });
    const job = aDebateAssignment();
    await client.putJob(job);
    await client.jobEnd(job.id);
    await wagon.stop();
    const turns = collector.named(/^invoke_agent /);
    expect(turns.map(({ name, parentSpanId }) => [name, parentSpanId])).toEqual(
      ['visionary', 'critic', 'tactician'].map((seat) => [`invoke_agent ${seat}`, jobSpanId(job.id)]),
    );
    const chats = collector.named(/^chat /);
    expect(chats.map(({ parentSpanId }) => parentSpanId)).toEqual(turns.map(({ spanId }) => spanId));
    expect(chats.map(({ attributes }) => attributes['gen_ai.output.type'])).toEqual(['text', 'json', 'json']);
    expect(collector.named('job debate 1')).toHaveLength(1);
    expect(new Set(collector.spans.map(({ spanId }) => spanId)).size).toBe(collector.spans.length);
  });

  it('gives a job that was going on when the wagon was killed one span, from its first start', async () => {
    const { collector } = await aCollector();
    const env = { CARNIVAL_DATA: await temporaryFolder(), OTEL_EXPORTER_OTLP_ENDPOINT: collector.url };
    const first = await startProcess(env);
    await first.client.call('PUT', '/api/providers', await aModel(() => ({ after: 'hang' })));
    const job = aTaskAssignment({ task: { chain: { providers: ['claude'], maxTokens: 500 } } });
    await first.client.putJob(job);
    const { startedAt = '' } = await first.client.jobWhen(job.id, ({ state }) => state === 'Running');
    await first.kill('SIGKILL');
    const second = await startProcess(env);
    await second.client.call('PUT', '/api/providers', await aModel(() => messageStream(FILE)));
    expect(await second.client.jobEnd(job.id)).toMatchObject({ state: 'Succeeded' });
    await second.kill('SIGTERM');
    const [span, ...more] = collector.named('job task');
    expect(more).toEqual([]);
    expect(span).toMatchObject({ spanId: jobSpanId(job.id), startMs: Date.parse(startedAt) });
    expect(collector.named('chat claude-x').at(-1)?.parentSpanId).toBe(span?.spanId);
  });

  it('shows prompts and answers only to those who ask for them, without secrets', async () => {
    const { collector, trace } = await aCollector({ OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT: 'true' });
    const { wagon, client } = await aWagon({ trace });
    await client.call('PUT', '/api/providers', await aModel(() => messageStream(`${FILE}The key is ${KEY}.\n`)));
    const job = aTaskAssignment({ task: { chain: { providers: ['claude'], maxTokens: 500 } } });
    await client.putJob(job);
    await client.jobEnd(job.id);
    await wagon.stop();
    const { attributes } = collector.named('chat claude-x')[0] ?? {};
    expect(JSON.parse(String(attributes?.['gen_ai.input.messages']))).toMatchObject([{ role: 'user' }]);
    expect(JSON.parse(String(attributes?.['gen_ai.output.messages']))).toMatchObject([
      { role: 'assistant', finish_reason: 'stop' },
    ]);
    expect(String(attributes?.['gen_ai.output.messages'])).toContain('High water is at six');
    expect(collector.bodies.join()).not.toContain(KEY);
  });
});

describe('the metrics of a wagon', () => {
  it('need its token, and count calls, tokens, dollars, jobs and the state of its parts', async () => {
    const { client } = await aWagon();
    await client.call('PUT', '/api/providers', await aModel(() => messageStream(FILE)));
    const job = aTaskAssignment({ task: { chain: { providers: ['gateway', 'claude'], maxTokens: 500 } } });
    await client.putJob(job);
    await client.jobEnd(job.id);
    expect((await fetch(`${client.url}/metrics`)).status).toBe(401);
    const { text, headers } = await client.call('GET', '/metrics');
    expect(headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/);
    const value = (name: string, labels = {}) => sampleOf(text, name, labels);
    const claude = { gen_ai_provider_name: 'anthropic', gen_ai_request_model: 'claude-x' };
    expect(value('gen_ai_client_token_usage_sum', { ...claude, gen_ai_token_type: 'input' })).toBe(21);
    expect(value('gen_ai_client_token_usage_bucket', { ...claude, gen_ai_token_type: 'output', le: '16' })).toBe(1);
    expect(value('gen_ai_client_operation_duration_seconds_count', { ...claude, error_type: '' })).toBe(1);
    expect(value('gen_ai_client_operation_time_to_first_chunk_seconds_count', claude)).toBe(1);
    expect(value('carnival_wagon_llm_calls_total', { provider: 'gateway', error_type: 'unauthorized' })).toBe(1);
    expect(value('carnival_wagon_llm_tokens_total', { provider: 'claude', seat: 'task', type: 'output' })).toBe(9);
    expect(value('carnival_wagon_llm_cost_usd_total', { provider: 'claude' })).toBe(0.000039);
    expect(value('carnival_wagon_jobs_finished_total', { kind: 'task', state: 'Succeeded', reason: '' })).toBe(1);
    expect(value('carnival_wagon_jobs_running')).toBe(0);
    expect(value('carnival_wagon_jobs_capacity')).toBe(2);
    expect(value('carnival_wagon_provider_up', { provider: 'gateway' })).toBe(0);
    expect(value('carnival_wagon_provider_up', { provider: 'rehearsal' })).toBe(1);
    expect(value('carnival_wagon_journal_bytes')).toBeGreaterThan(1000);
    expect(value('carnival_wagon_vault_files')).toBe(1);
    expect(value('carnival_wagon_lease_held')).toBeUndefined();
    expect(value('process_resident_memory_bytes')).toBeGreaterThan(1e6);
    expect(text).not.toContain(KEY);
  });
});

describe('the span of a call', () => {
  it('names the model that answered, which may be another than the one that was asked for', async () => {
    const { collector, trace } = await aCollector();
    const { wagon, client } = await aWagon({ trace });
    const server = await startWireServer(() => chatStream(FILE));
    onTestFinished(() => server.close());
    const provider = {
      name: 'gw',
      type: 'OpenAICompatible',
      model: 'alias',
      endpoint: server.url,
      probeIntervalSeconds: 300,
    };
    await client.call('PUT', '/api/providers', { providers: [provider], digest: `sha256:${'e'.repeat(64)}` });
    const job = aTaskAssignment({ task: { chain: { providers: ['gw'], maxTokens: 500 } } });
    await client.putJob(job);
    await client.jobEnd(job.id);
    await wagon.stop();
    expect(collector.named('chat alias')[0]?.attributes['gen_ai.response.model']).toBe('fixture-model-2026-10-01');
  });
});
