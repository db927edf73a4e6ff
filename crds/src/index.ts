export * from './meta/condition.ts';
export * from './meta/labels.ts';
export * from './meta/object-meta.ts';
export * from './schema/fields.ts';
