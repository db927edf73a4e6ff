export type * from './commit-store.ts';
export * from './job-record.ts';
export type * from './job-store.ts';
export * from './journal.ts';
export * from './money.ts';
export { JournalUnavailable } from './open-database.ts';
export type * from './step-store.ts';
