export * from './hold-round.ts';
export { planSchemaFor } from './plan-schema.ts';
export * from './round.ts';
