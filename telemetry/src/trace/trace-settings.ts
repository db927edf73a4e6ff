/** A variable of tracing cannot be used. The message is one line, names it and never holds its value, which may be a credential. */
export class TraceSettingError extends Error {
  override readonly name = 'TraceSettingError';
}

const SAMPLERS = [
  'always_on',
  'always_off',
  'traceidratio',
  'parentbased_always_on',
  'parentbased_always_off',
  'parentbased_traceidratio',
] as const;

/** What tracing is set up with. */
export interface TraceSettings {
  /** Where batches of spans are posted. */
  url: string;
  headers: Readonly<Record<string, string>>;
  timeoutMs: number;
  compression: 'none' | 'gzip';
  /** Part of the traces that is kept, 0 to 1. A trace is kept whole or not at all. */
  ratio: number;
  /** Of the resource; `service.name` among them where given. */
  resource: Readonly<Record<string, string>>;
  capturesContent: boolean;
  /** Longest value of an attribute, in UTF-16 units. */
  maxValueLength: number;
  batch: { delayMs: number; queue: number; size: number; timeoutMs: number };
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Variables whose values are credentials: they are taken out of the environment once they were read, and out of logs. */
export const SECRET_TRACE_VARIABLES: ReadonlySet<string> = new Set([
  'OTEL_EXPORTER_OTLP_HEADERS',
  'OTEL_EXPORTER_OTLP_TRACES_HEADERS',
]);

/**
 * Reads the standard variables (OpenTelemetry specification, "Environment Variable Specification" and "OTLP Exporter").
 * @returns undefined where nothing is to be exported: no endpoint, OTEL_SDK_DISABLED, or OTEL_TRACES_EXPORTER=none.
 * @throws TraceSettingError
 */
export function readTraceSettings(env: Environment): TraceSettings | undefined {
  const given = (name: string) => env[name]?.trim() || undefined;
  const url = endpointOf(given);
  const exporter = oneOf('OTEL_TRACES_EXPORTER', given('OTEL_TRACES_EXPORTER'), ['otlp', 'none']) ?? 'otlp';
  if (url === undefined || exporter === 'none' || given('OTEL_SDK_DISABLED')?.toLowerCase() === 'true')
    return undefined;
  refuseOtherProtocols(given);
  const count = (name: string, usual: number, min: number, max: number) => countOf(name, given(name), usual, min, max);
  const ofTraces = (name: string) => {
    const own = `OTEL_EXPORTER_OTLP_TRACES_${name}`;
    return given(own) === undefined ? `OTEL_EXPORTER_OTLP_${name}` : own;
  };
  const queue = count('OTEL_BSP_MAX_QUEUE_SIZE', 2048, 1, 65_536);
  return {
    url,
    headers: {
      ...pairsOf('OTEL_EXPORTER_OTLP_HEADERS', given('OTEL_EXPORTER_OTLP_HEADERS')),
      ...pairsOf('OTEL_EXPORTER_OTLP_TRACES_HEADERS', given('OTEL_EXPORTER_OTLP_TRACES_HEADERS')),
    },
    timeoutMs: count(ofTraces('TIMEOUT'), 10_000, 1, 600_000),
    compression: oneOf(ofTraces('COMPRESSION'), given(ofTraces('COMPRESSION')), ['none', 'gzip']) ?? 'none',
    ratio: ratioOf(given),
    resource: resourceOf(given),
    capturesContent: given('OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT')?.toLowerCase() === 'true',
    maxValueLength: count('OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT', 65_536, 1, 1_048_576),
    batch: {
      delayMs: count('OTEL_BSP_SCHEDULE_DELAY', 5000, 1, 600_000),
      queue,
      size: Math.min(queue, count('OTEL_BSP_MAX_EXPORT_BATCH_SIZE', 512, 1, 65_536)),
      timeoutMs: count('OTEL_BSP_EXPORT_TIMEOUT', 30_000, 1, 600_000),
    },
  };
}

type Given = (name: string) => string | undefined;

/** The one for traces is used as it is; the general one gets the path of the signal. */
function endpointOf(given: Given): string | undefined {
  const own = 'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT';
  const general = 'OTEL_EXPORTER_OTLP_ENDPOINT';
  const name = given(own) === undefined ? general : own;
  const value = given(name);
  if (value === undefined) return undefined;
  const url = /^https?:\/\//i.test(value) && URL.canParse(value) ? new URL(value) : undefined;
  if (url === undefined)
    throw new TraceSettingError(`${name} must be an http or https URL, such as http://127.0.0.1:4318`);
  if (url.username !== '' || url.password !== '')
    throw new TraceSettingError(`${name} must carry no user or password: set OTEL_EXPORTER_OTLP_HEADERS`);
  if (name === general) url.pathname = `${url.pathname.replace(/\/+$/, '')}/v1/traces`;
  return url.href;
}

/** Spans go out as OTLP in JSON. Collectors take it at the same port and path as Protobuf, so that is no reason to stop. */
function refuseOtherProtocols(given: Given): void {
  for (const name of ['OTEL_EXPORTER_OTLP_TRACES_PROTOCOL', 'OTEL_EXPORTER_OTLP_PROTOCOL']) {
    const value = given(name);
    if (value === undefined) continue;
    if (!['http/json', 'http/protobuf'].includes(value))
      throw new TraceSettingError(
        `${name} must be http/json: this program speaks OTLP over HTTP (port 4318), not gRPC`,
      );
    return;
  }
}

function ratioOf(given: Given): number {
  const sampler = oneOf('OTEL_TRACES_SAMPLER', given('OTEL_TRACES_SAMPLER'), SAMPLERS) ?? 'parentbased_always_on';
  if (sampler.endsWith('always_on')) return 1;
  if (sampler.endsWith('always_off')) return 0;
  const argument = given('OTEL_TRACES_SAMPLER_ARG') ?? '1';
  const ratio = Number(argument);
  if (!(ratio >= 0 && ratio <= 1)) throw new TraceSettingError('OTEL_TRACES_SAMPLER_ARG must be a number from 0 to 1');
  return ratio;
}

function resourceOf(given: Given): Record<string, string> {
  const attributes = pairsOf('OTEL_RESOURCE_ATTRIBUTES', given('OTEL_RESOURCE_ATTRIBUTES'));
  const name = given('OTEL_SERVICE_NAME');
  return name === undefined ? attributes : { ...attributes, 'service.name': name };
}

/** `a=1,b=2`, values in percent-encoding. */
function pairsOf(name: string, list: string | undefined): Record<string, string> {
  const pairs: Record<string, string> = {};
  for (const pair of (list ?? '').split(',').map((text) => text.trim())) {
    if (pair === '') continue;
    const mark = pair.indexOf('=');
    if (mark < 1) throw new TraceSettingError(`${name} must be pairs name=value, with commas between them`);
    const key = pair.slice(0, mark).trim();
    pairs[key] = decoded(name, pair.slice(mark + 1).trim());
  }
  return pairs;
}

function decoded(name: string, value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    throw new TraceSettingError(`${name} holds a value that is no percent-encoding`);
  }
}

function oneOf<const T extends string>(name: string, value: string | undefined, allowed: readonly T[]): T | undefined {
  if (value === undefined) return undefined;
  const found = allowed.find((each) => each === value);
  if (found === undefined) throw new TraceSettingError(`${name} must be one of ${allowed.join(', ')}`);
  return found;
}

function countOf(name: string, value: string | undefined, usual: number, min: number, max: number): number {
  if (value === undefined) return usual;
  const number = /^\d{1,9}$/.test(value) ? Number(value) : Number.NaN;
  if (!(number >= min && number <= max))
    throw new TraceSettingError(`${name} must be a whole number from ${min} to ${max}`);
  return number;
}
