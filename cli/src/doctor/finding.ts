import { safeLine } from '@dark-carnival/crds/text';
import type { Paint } from '../terminal/terminal.ts';

/** What one look came to. A problem makes the doctor end with 1. */
export interface Finding {
  check: string;
  level: 'ok' | 'warning' | 'problem';
  message: string;
  /** What to do. */
  remedy?: string;
}

export const ok = (check: string, message: string): Finding => ({ check, level: 'ok', message });
export const warning = (check: string, message: string, remedy: string): Finding => ({
  check,
  level: 'warning',
  message,
  remedy,
});
export const problem = (check: string, message: string, remedy: string): Finding => ({
  check,
  level: 'problem',
  message,
  remedy,
});

const SIGNS = { ok: '✓', warning: '!', problem: '✗' } as const;

/** One finding for people: a line, and what to do under it. */
export function findingText({ check, level, message, remedy }: Finding, paint: Paint): string {
  const colour = { ok: paint.green, warning: paint.yellow, problem: paint.red }[level];
  const line = `${colour(SIGNS[level])} ${check.padEnd(10)} ${safeLine(message, 400)}`;
  return remedy === undefined ? line : `${line}\n  ${' '.repeat(10)} ${paint.dim(safeLine(remedy, 400))}`;
}
