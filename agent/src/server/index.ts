export * from './build-server.ts';
export * from './event-ring.ts';
export * from './logger.ts';
export type * from './server-deps.ts';
