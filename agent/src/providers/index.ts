export * from './clock.ts';
export * from './json-schema.ts';
export type * from './llm-factory.ts';
export * from './provider.ts';
export * from './provider-error.ts';
