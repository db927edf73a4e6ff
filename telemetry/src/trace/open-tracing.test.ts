import { execFileSync } from 'node:child_process';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { OtlpCollector } from '../../testing/otlp-collector.ts';
import { Secrets } from '../redaction/secrets.ts';
import { rootSpanId, spanIdOf, traceIdOf } from './ids.ts';
import { openTracing } from './open-tracing.ts';
import { readTraceSettings } from './trace-settings.ts';
import type { EndedSpan } from './tracing.ts';

const UID = '0b7c2f3e-8d4a-4f7b-9a51-6f0e2f0b9c11';
const root: EndedSpan = {
  traceId: traceIdOf(UID),
  spanId: rootSpanId(UID),
  name: 'objective',
  startMs: 1000,
  endMs: 5000,
};
const sender = { service: 'test', version: '1.2.3', instance: 'one' };

let collector: OtlpCollector;
const told: (string | undefined)[] = [];
const open = (env: Record<string, string> = {}, scrub = (text: string) => text) =>
  openTracing(readTraceSettings({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, ...env }), {
    sender,
    scrub,
    onExport: (fault) => told.push(fault),
  });

beforeEach(async () => {
  told.length = 0;
  collector = await OtlpCollector.open();
});
afterEach(() => collector.close());

describe('tracing', () => {
  it('sends ended spans with the ids, times and words that they were given', async () => {
    const tracing = await open({ OTEL_EXPORTER_OTLP_HEADERS: 'x-team=carnival' });
    tracing.record(root);
    const child = {
      ...root,
      spanId: spanIdOf(UID, 'x'),
      parentSpanId: root.spanId,
      kind: 'client',
      name: 'chat m',
    } as const;
    tracing.record({ ...child, attributes: { a: 1, b: ['x', 'y'], c: undefined }, error: 'it broke' });
    await tracing.stop();
    expect(collector.headers[0]).toMatchObject({ 'x-team': 'carnival' });
    const [first, second] = collector.spans;
    expect(first).toMatchObject({
      traceId: root.traceId,
      spanId: root.spanId,
      parentSpanId: '',
      startMs: 1000,
      endMs: 5000,
    });
    expect(first?.resource).toMatchObject({
      'service.name': 'test',
      'service.instance.id': 'one',
      'service.version': '1.2.3',
    });
    expect(second).toMatchObject({ parentSpanId: root.spanId, kind: 3, attributes: { a: 1, b: ['x', 'y'] } });
    expect(second?.status).toMatchObject({ code: 2, message: 'it broke' });
  });

  it('keeps a trace whole or not at all, by its id', async () => {
    const tracing = await open({ OTEL_TRACES_SAMPLER: 'traceidratio', OTEL_TRACES_SAMPLER_ARG: '0.5' });
    const kept = Array.from({ length: 400 }, (_, index) => traceIdOf(`objective ${index}`)).filter((traceId) => {
      tracing.record({ ...root, traceId });
      tracing.record({ ...root, traceId, spanId: spanIdOf('child'), parentSpanId: root.spanId });
      return tracing.isSampled(traceId);
    });
    await tracing.stop();
    expect(kept.length).toBeGreaterThan(100);
    expect(kept.length).toBeLessThan(300);
    expect(collector.spans.map(({ traceId }) => traceId).sort()).toEqual([...kept, ...kept].sort());
  });

  it('takes secrets out of names, attributes and errors', async () => {
    const secrets = new Secrets();
    secrets.add(['canary-key-1']);
    const tracing = await open({}, secrets.scrub);
    tracing.record({
      ...root,
      name: 'chat canary-key-1',
      attributes: { a: 'canary-key-1', b: ['canary-key-1'] },
      error: 'no canary-key-1',
    });
    await tracing.stop();
    expect(collector.spans).toHaveLength(1);
    expect(collector.bodies.join()).not.toContain('canary-key-1');
  });

  it('says once that nothing arrives, and once that it does again, and never fails the work', async () => {
    const tracing = await open({
      OTEL_BSP_SCHEDULE_DELAY: '5',
      OTEL_BSP_MAX_EXPORT_BATCH_SIZE: '1',
      OTEL_EXPORTER_OTLP_TIMEOUT: '400',
    });
    const sendOne = async () => {
      const before = collector.bodies.length;
      tracing.record(root);
      await expect.poll(() => collector.bodies.length, { timeout: 5000 }).toBeGreaterThan(before);
    };
    collector.status = 400;
    for (let batch = 0; batch < 3; batch += 1) await sendOne();
    collector.status = 200;
    await sendOne();
    await expect.poll(() => told.length, { timeout: 5000 }).toBe(2);
    expect(told[0]).toContain('127.0.0.1');
    expect(told[1]).toBeUndefined();
    await tracing.stop();
  });

  it('holds no more than its queue, and stops in time where nobody answers', async () => {
    await collector.close();
    const tracing = await open({ OTEL_BSP_MAX_QUEUE_SIZE: '10' });
    for (let index = 0; index < 10_000; index += 1) tracing.record({ ...root, spanId: spanIdOf(String(index)) });
    const began = performance.now();
    await tracing.stop();
    expect(performance.now() - began).toBeLessThan(3000);
    collector = await OtlpCollector.open();
  });

  it('loads nothing of the SDK where no endpoint is set', () => {
    const script = `import { registerHooks } from 'node:module';
      const asked = [];
      registerHooks({ resolve: (name, context, next) => (asked.push(name), next(name, context)) });
      const { openTracing, readTraceSettings, Meter } = await import('@dark-carnival/telemetry');
      new Meter().counter({ name: 'a_total', help: 'a' }).add(1);
      const tracing = await openTracing(readTraceSettings({}), {});
      tracing.record({});
      const heavy = asked.filter((name) => /opentelemetry|prom-client|otlp-tracing/.test(name));
      console.log(tracing.isOn, asked.length > 5, heavy.length);`;
    const args = ['--disable-warning=ExperimentalWarning', '--input-type=module', '-e', script];
    expect(execFileSync(process.execPath, args, { cwd: import.meta.dirname, encoding: 'utf8' })).toBe('false true 0\n');
  });
});
