import { describe, expect, it } from 'vitest';
import { parseExposition, sampleOf } from '../../testing/parse-exposition.ts';
import { atMost, OTHER, oneOf } from './labels.ts';
import { Meter } from './meter.ts';

describe('a meter', () => {
  it('exposes what was counted as Prometheus reads it, with the process beside', async () => {
    const meter = new Meter();
    const calls = meter.counter({
      name: 'calls_total',
      help: 'Calls.\nAll of them \\.',
      labels: { who: atMost(3), how: oneOf(['ok']) },
    });
    calls.add(2, 'a "quoted"\nname\\', 'ok');
    calls.add(1, 'b', 'strange');
    meter.histogram({ name: 'took_seconds', help: 'Time.', labels: { who: atMost(3) } }, [0.1, 1]).observe(0.5, 'a');
    meter.gauge({ name: 'depth', help: 'Depth.' }, (set) => set(7));
    meter.counter({ name: 'never_total', help: 'Never counted.' });
    const { body, contentType } = await meter.expose();
    expect(contentType).toMatch(/^text\/plain; version=0.0.4/);
    expect(sampleOf(body, 'calls_total', { who: 'a "quoted"\nname\\', how: 'ok' })).toBe(2);
    expect(sampleOf(body, 'calls_total', { who: 'b', how: OTHER })).toBe(1);
    expect(sampleOf(body, 'took_seconds_bucket', { who: 'a', le: '0.1' })).toBe(0);
    expect(sampleOf(body, 'took_seconds_bucket', { who: 'a', le: '1' })).toBe(1);
    expect(sampleOf(body, 'took_seconds_sum')).toBe(0.5);
    expect(sampleOf(body, 'depth')).toBe(7);
    expect(sampleOf(body, 'never_total')).toBe(0);
    const families = parseExposition(body);
    for (const name of ['process_cpu_seconds_total', 'process_resident_memory_bytes', 'nodejs_eventloop_lag_seconds'])
      expect(families.has(name), name).toBe(true);
  });

  it('stays bounded under names without end, and counts every one', async () => {
    const meter = new Meter();
    const labels = { provider: atMost(64), model: atMost(64), outcome: oneOf(['ok', 'failed']) };
    const calls = meter.counter({ name: 'calls_total', help: 'Calls.', labels });
    const took = meter.histogram({ name: 'took_seconds', help: 'Time.', labels }, [1]);
    const hostile = (index: number) => `evil-"${index}"\n{}\\${'x'.repeat(index % 500)}`;
    for (let index = 0; index < 10_000; index += 1) {
      calls.add(1, hostile(index), hostile(index * 7), hostile(index));
      took.observe(0.5, hostile(index), hostile(index * 13), hostile(index));
    }
    meter.gauge({ name: 'names', help: 'Names.', labels: { name: atMost(50) } }, (set) => {
      for (let index = 0; index < 10_000; index += 1) set(1, hostile(index));
    });
    const families = parseExposition((await meter.expose()).body);
    const of = (name: string) => families.get(name)?.samples ?? [];
    const total = (name: string, sample = name) =>
      of(name)
        .filter((each) => each.name === sample)
        .reduce((sum, { value }) => sum + value, 0);
    expect(of('calls_total').length).toBeLessThanOrEqual(1001);
    expect(of('took_seconds').length).toBeLessThanOrEqual(4 * 1001);
    expect(of('names').length).toBe(51);
    expect([total('calls_total'), total('took_seconds', 'took_seconds_count'), total('names')]).toEqual([
      10_000, 10_000, 10_000,
    ]);
    for (const { labels: given } of of('calls_total'))
      for (const value of Object.values(given)) expect(value.length).toBeLessThanOrEqual(128);
  });

  it('ignores amounts that are no numbers', async () => {
    const meter = new Meter();
    const counter = meter.counter({ name: 'a_total', help: 'A.' });
    const histogram = meter.histogram({ name: 'b', help: 'B.' }, [1]);
    for (const value of [Number.NaN, -1, Number.POSITIVE_INFINITY]) {
      counter.add(value);
      histogram.observe(value);
    }
    const { body } = await meter.expose();
    expect(sampleOf(body, 'a_total')).toBe(0);
    expect(sampleOf(body, 'b_count')).toBeUndefined();
  });
});
