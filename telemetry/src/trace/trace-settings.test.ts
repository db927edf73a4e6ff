import { describe, expect, it } from 'vitest';
import { readTraceSettings, TraceSettingError } from './trace-settings.ts';

const ENDPOINT = 'http://collector:4318';
const read = (env: Record<string, string>) => readTraceSettings({ OTEL_EXPORTER_OTLP_ENDPOINT: ENDPOINT, ...env });

describe('the settings of tracing', () => {
  it('are absent where no endpoint is set, or somebody switched it off', () => {
    expect(readTraceSettings({})).toBeUndefined();
    expect(readTraceSettings({ OTEL_EXPORTER_OTLP_ENDPOINT: '', OTEL_TRACES_EXPORTER: 'otlp' })).toBeUndefined();
    expect(read({ OTEL_SDK_DISABLED: 'TRUE' })).toBeUndefined();
    expect(read({ OTEL_TRACES_EXPORTER: 'none' })).toBeUndefined();
  });

  it('add the path of traces to the general endpoint, and none to their own', () => {
    expect(read({})?.url).toBe('http://collector:4318/v1/traces');
    expect(read({ OTEL_EXPORTER_OTLP_ENDPOINT: 'https://otlp.example/otlp/' })?.url).toBe(
      'https://otlp.example/otlp/v1/traces',
    );
    expect(read({ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://other:1/in' })?.url).toBe('http://other:1/in');
  });

  it('take headers, resource, sampler and the bounds of a batch from the standard variables', () => {
    const settings = read({
      OTEL_EXPORTER_OTLP_HEADERS: 'api-key=s%2Cecret, x-scope = a=b',
      OTEL_EXPORTER_OTLP_TRACES_HEADERS: 'x-scope=c',
      OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=lab,service.name=lost',
      OTEL_SERVICE_NAME: 'won',
      OTEL_TRACES_SAMPLER: 'parentbased_traceidratio',
      OTEL_TRACES_SAMPLER_ARG: '0.25',
      OTEL_EXPORTER_OTLP_COMPRESSION: 'gzip',
      OTEL_EXPORTER_OTLP_TRACES_TIMEOUT: '2500',
      OTEL_BSP_MAX_QUEUE_SIZE: '100',
      OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT: 'true',
    });
    expect(settings).toMatchObject({
      headers: { 'api-key': 's,ecret', 'x-scope': 'c' },
      resource: { 'deployment.environment.name': 'lab', 'service.name': 'won' },
      ratio: 0.25,
      compression: 'gzip',
      timeoutMs: 2500,
      batch: { queue: 100, size: 100 },
      capturesContent: true,
    });
    expect(read({})).toMatchObject({ ratio: 1, capturesContent: false });
    expect(read({ OTEL_TRACES_SAMPLER: 'always_off' })?.ratio).toBe(0);
  });

  it.each([
    ['OTEL_EXPORTER_OTLP_ENDPOINT', 'collector:4318'],
    ['OTEL_EXPORTER_OTLP_ENDPOINT', 'http://'],
    ['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT', 'grpc://x:4317'],
    ['OTEL_EXPORTER_OTLP_ENDPOINT', 'http://me:s3cr3t-word@collector:4318'],
    ['OTEL_EXPORTER_OTLP_PROTOCOL', 'grpc'],
    ['OTEL_EXPORTER_OTLP_HEADERS', 's3cr3t-word'],
    ['OTEL_EXPORTER_OTLP_HEADERS', 'a=s3cr3t-word%'],
    ['OTEL_EXPORTER_OTLP_TIMEOUT', '-1'],
    ['OTEL_TRACES_SAMPLER', 'xray'],
    ['OTEL_TRACES_EXPORTER', 'zipkin'],
    ['OTEL_BSP_SCHEDULE_DELAY', 'soon'],
  ])('that are wrong are named in one line without their value: %s=%s', (name, value) => {
    const fault = (() => {
      try {
        return read({ [name]: value });
      } catch (error) {
        return error;
      }
    })();
    expect(fault).toBeInstanceOf(TraceSettingError);
    const { message } = fault as Error;
    expect(message).toContain(name);
    expect(message).not.toMatch(/\n|s3cr3t/);
  });
});
