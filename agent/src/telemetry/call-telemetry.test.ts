import type { ProviderGrant } from '@dark-carnival/crds';
import { FakeClock } from '@dark-carnival/crds/testing';
import { Meter, noTracing } from '@dark-carnival/telemetry';
import { parseExposition, sampleOf } from '@dark-carnival/telemetry/testing';
import { describe, expect, it } from 'vitest';
import { completion } from '../../testing/job-bench.ts';
import type { CompletionRequest } from '../providers/provider.ts';
import { CallMetrics } from './call-metrics.ts';
import { CallSpans } from './call-spans.ts';
import { CallTelemetry } from './call-telemetry.ts';

const request: CompletionRequest = {
  system: 's',
  messages: [],
  maxTokens: 10,
  purpose: { kind: 'turn', seat: 'critic', round: 1, directive: 'd', feedback: [], maxTasks: 1, earlier: [] },
};
const grantOf = (name: string): ProviderGrant => ({ name, type: 'Kimi', model: 'm', probeIntervalSeconds: 300 });

function aMeter() {
  const meter = new Meter();
  const clock = new FakeClock();
  const calls = new CallTelemetry(new CallMetrics(meter), new CallSpans(() => noTracing), clock);
  return { meter, clock, calls };
}

describe('the metrics of calls', () => {
  it('stay bounded under ten thousand names of providers and models, and lose no call', async () => {
    const { meter, calls } = aMeter();
    for (let index = 0; index < 10_000; index += 1) {
      const tried = { grant: grantOf(`p"${index}\n`), model: `m{${index * 7}}\\`, request, origin: undefined };
      const watch = calls.begin(tried);
      watch.sent();
      watch.progressed();
      if (index % 2 === 0)
        watch.answered(completion('x'), { inputTokens: 20, outputTokens: 10, calls: 1, costUSD: '0.001' });
      else watch.failed('timeout', 'late', { inputTokens: 5, outputTokens: 0, calls: 1, estimatedTokens: 5 });
    }
    const families = parseExposition((await meter.expose()).body);
    const samples = [...families.values()]
      .filter(({ name }) => /^(gen_ai|carnival)_/.test(name))
      .flatMap((family) => family.samples);
    expect(samples.length).toBeLessThan(6000);
    const sum = (name: string) =>
      samples.filter((sample) => sample.name === name).reduce((all, { value }) => all + value, 0);
    expect(sum('carnival_wagon_llm_calls_total')).toBe(10_000);
    expect(sum('gen_ai_client_operation_duration_seconds_count')).toBe(10_000);
    expect(sum('carnival_wagon_llm_tokens_total')).toBe(5000 * 30 + 5000 * 5);
    expect(sum('carnival_wagon_llm_cost_usd_total')).toBeCloseTo(5);
  });

  it('take the time from the request to the first sign of life, and to the end', async () => {
    const { meter, clock, calls } = aMeter();
    const watch = calls.begin({ grant: grantOf('kimi'), model: 'm', request, origin: undefined });
    await clock.advance(5000);
    watch.sent();
    await clock.advance(300);
    watch.progressed();
    await clock.advance(700);
    watch.progressed();
    watch.answered(completion('x'), { inputTokens: 1, outputTokens: 1, calls: 1 });
    const { body } = await meter.expose();
    expect(sampleOf(body, 'gen_ai_client_operation_time_to_first_chunk_seconds_sum')).toBeCloseTo(0.3);
    expect(sampleOf(body, 'gen_ai_client_operation_duration_seconds_sum')).toBeCloseTo(1);
  });

  it('cost a call a few microseconds', () => {
    const { calls } = aMeter();
    const grant = grantOf('kimi');
    const began = performance.now();
    for (let index = 0; index < 20_000; index += 1) {
      const watch = calls.begin({ grant, model: 'm', request, origin: undefined });
      watch.sent();
      for (let piece = 0; piece < 20; piece += 1) watch.progressed();
      watch.answered(completion('x'), { inputTokens: 1, outputTokens: 1, calls: 1 });
    }
    // Some 5 µs; the bound only catches a mistake in the order of growth.
    expect((performance.now() - began) / 20_000).toBeLessThan(0.2);
  });
});
