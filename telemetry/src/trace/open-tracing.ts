import type { TraceSettings } from './trace-settings.ts';
import { noTracing, type Tracing, type TracingDeps } from './tracing.ts';

/** Opens what the settings ask for. The SDK, some 20 MB, is loaded only where somebody listens. */
export async function openTracing(settings: TraceSettings | undefined, deps: TracingDeps): Promise<Tracing> {
  if (settings === undefined) return noTracing;
  const { OtlpTracing } = await import('./otlp-tracing.ts');
  return new OtlpTracing(settings, deps);
}
