export * from './build-task.ts';
export * from './task-failed.ts';
export type { DependencyText } from './task-prompt.ts';
