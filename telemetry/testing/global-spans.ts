import { trace } from '@opentelemetry/api';
import { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';

/** Registers a global tracer provider, as a foreign program may, and collects what libraries then emit by themselves. */
export function collectGlobalSpans(): { names: () => string[]; emitOne: () => void; end: () => void } {
  const exporter = new InMemorySpanExporter();
  trace.setGlobalTracerProvider(new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter })] }));
  return {
    names: () => exporter.getFinishedSpans().map(({ name }) => name),
    emitOne: () => trace.getTracer('foreign').startSpan('foreign').end(),
    end: () => trace.disable(),
  };
}
