import {
  ROOT_CONTEXT,
  type SpanContext,
  SpanKind,
  SpanStatusCode,
  TraceFlags,
  type Tracer,
  trace,
} from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  AlwaysOnSampler,
  BatchSpanProcessor,
  type IdGenerator,
  ParentBasedSampler,
  type SpanExporter,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from '@opentelemetry/sdk-trace';
import type { TraceSettings } from './trace-settings.ts';
import type { EndedSpan, SpanAttributes, Tracing, TracingDeps } from './tracing.ts';

/** How long a stop waits for what is left to be sent. */
const STOP_MS = 1000;
/** Longest words of a status, in UTF-16 units. */
const MAX_ERROR = 1024;

const KINDS = { internal: SpanKind.INTERNAL, client: SpanKind.CLIENT } as const;

/**
 * Spans over OTLP. The provider is registered nowhere: libraries that trace by themselves wherever there is a global one find none, so there are
 * no spans but ours.
 */
export class OtlpTracing implements Tracing {
  readonly isOn = true;
  readonly capturesContent: boolean;
  readonly #provider: TracerProvider;
  readonly #tracer: Tracer;
  readonly #sampler: TraceIdRatioBasedSampler;
  readonly #ids = new GivenIds();
  readonly #scrub: (text: string) => string;

  constructor(settings: TraceSettings, { sender, scrub, onExport }: TracingDeps) {
    this.capturesContent = settings.capturesContent;
    this.#scrub = scrub;
    this.#sampler = new TraceIdRatioBasedSampler(settings.ratio);
    const { url, headers, timeoutMs, compression, batch } = settings;
    const exporter = new OTLPTraceExporter({
      url,
      headers: { ...headers },
      timeoutMillis: timeoutMs,
      ...(compression === 'gzip' ? { compression: 'gzip' as never } : {}),
    });
    this.#provider = new TracerProvider({
      resource: resourceFromAttributes({
        'service.name': sender.service,
        'service.namespace': 'dark-carnival',
        'service.version': sender.version,
        'service.instance.id': sender.instance,
        ...sender.attributes,
        ...settings.resource,
      }),
      // The decision is made by `isSampled`: what comes here was kept.
      sampler: new ParentBasedSampler({ root: new AlwaysOnSampler() }),
      idGenerator: this.#ids,
      spanLimits: { attributeValueLengthLimit: settings.maxValueLength },
      spanProcessors: [
        new BatchSpanProcessor({
          exporter: watched(exporter, new URL(url).host, (fault) => onExport(fault && scrub(fault))),
          scheduledDelayMillis: batch.delayMs,
          maxQueueSize: batch.queue,
          maxExportBatchSize: batch.size,
          exportTimeoutMillis: batch.timeoutMs,
        }),
      ],
    });
    this.#tracer = this.#provider.getTracer('dark-carnival', sender.version);
  }

  isSampled(traceId: string): boolean {
    return this.#sampler.shouldSample(ROOT_CONTEXT, traceId).decision !== 0;
  }

  record(ended: EndedSpan): void {
    if (!this.isSampled(ended.traceId)) return;
    try {
      this.#emit(ended);
    } catch {
      // A span that cannot be made is left out: it must not fail what it tells of.
    }
  }

  async stop(): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, STOP_MS);
    });
    await Promise.race([this.#provider.shutdown().catch(() => undefined), late]);
    clearTimeout(timer);
  }

  #emit({
    traceId,
    spanId,
    parentSpanId,
    name,
    kind = 'internal',
    startMs,
    endMs,
    attributes,
    error,
  }: EndedSpan): void {
    const parent: SpanContext | undefined =
      parentSpanId === undefined
        ? undefined
        : { traceId, spanId: parentSpanId, traceFlags: TraceFlags.SAMPLED, isRemote: true };
    const context = parent === undefined ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, parent);
    this.#ids.next = { traceId, spanId };
    const options = {
      kind: KINDS[kind],
      startTime: hrTime(startMs),
      attributes: this.#clean(attributes),
      root: parent === undefined,
    };
    const span = this.#tracer.startSpan(this.#scrub(name), options, context);
    if (error !== undefined)
      span.setStatus({ code: SpanStatusCode.ERROR, message: this.#scrub(error).slice(0, MAX_ERROR) });
    span.end(hrTime(Math.max(startMs, endMs)));
  }

  #clean(attributes: SpanAttributes = {}): Record<string, string | number | boolean | string[]> {
    const clean: Record<string, string | number | boolean | string[]> = {};
    for (const [name, value] of Object.entries(attributes)) {
      if (value === undefined) continue;
      if (typeof value === 'string') clean[name] = this.#scrub(value);
      else clean[name] = typeof value === 'object' ? value.map(this.#scrub) : value;
    }
    return clean;
  }
}

/** As a pair: the SDK takes a number that is less than the start of the process for a time since then, and jobs outlive processes. */
function hrTime(ms: number): [number, number] {
  const seconds = Math.floor(ms / 1000);
  return [seconds, Math.round((ms - seconds * 1000) * 1e6)];
}

/** Ids are given, never made: see ids.ts. */
class GivenIds implements IdGenerator {
  next = { traceId: '', spanId: '' };
  generateTraceId = (): string => this.next.traceId;
  generateSpanId = (): string => this.next.spanId;
}

/** Tells of the first batch that does not arrive, and of the first one that does afterwards: a collector that is down for a day is one line. */
function watched(exporter: SpanExporter, host: string, tell: (fault: string | undefined) => void): SpanExporter {
  let failing = false;
  return {
    export: (spans, done) =>
      exporter.export(spans, (result) => {
        const failed = result.code !== 0;
        if (failed !== failing) tell(failed ? `${host}: ${result.error?.message || 'refused a batch'}` : undefined);
        failing = failed;
        done(result);
      }),
    shutdown: () => exporter.shutdown(),
    ...(exporter.forceFlush ? { forceFlush: () => exporter.forceFlush?.() ?? Promise.resolve() } : {}),
  };
}
