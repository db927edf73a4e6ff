export * from './global-spans.ts';
export * from './otlp-collector.ts';
export * from './parse-exposition.ts';
