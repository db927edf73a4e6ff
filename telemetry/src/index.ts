/** Traces, metrics and what keeps secrets out of both and out of logs: alike in every process. Nothing here loads an SDK before it is asked for. */
export * from './metrics/instruments.ts';
export * from './metrics/labels.ts';
export * from './metrics/meter.ts';
export * from './redaction/crash.ts';
export * from './redaction/log-redaction.ts';
export * from './redaction/secrets.ts';
export * from './trace/ids.ts';
export * from './trace/open-tracing.ts';
export * from './trace/trace-settings.ts';
export * from './trace/tracing.ts';
