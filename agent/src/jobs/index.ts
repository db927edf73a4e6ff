export { LEASE_WAIT_MS } from './await-lease.ts';
export type { JobDeps, Say } from './job-context.ts';
export * from './job-service.ts';
