import type { Objective } from '@dark-carnival/crds';
import { CliError, usageError } from '../cli-error.ts';
import type { ControlChange } from './control.ts';

/** Most that spec.retry can be. */
export const MAX_RETRY = 5;

/** Limits that a retry may raise along with it: what ran out would run out again. */
export interface RaisedBudget {
  maxTokens?: number;
  maxCostUSD?: string;
  maxDurationSeconds?: number;
}

/**
 * Another try of one that failed or expired.
 * @throws CliError where there is nothing to try again, or it was tried too often.
 */
export function retryOne(objective: Objective, raised: RaisedBudget): ControlChange {
  const { metadata, spec, status } = objective;
  const { name } = metadata;
  const rerun = `carnival rerun ${name} makes a fresh copy`;
  if (spec?.desiredState === 'Aborted') throw new CliError(`${name} is aborted for ever: ${rerun}`);
  if (status?.phase === 'Completed') throw new CliError(`${name} is completed: ${rerun}`);
  if (status?.phase !== 'Failed' && status?.phase !== 'Expired') {
    throw new CliError(`${name} has not failed (phase ${status?.phase ?? 'Pending'}): there is nothing to try again`);
  }
  const asked = spec?.retry ?? 0;
  if (asked > (status.retriesTaken ?? 0)) throw new CliError(`${name} is being tried again already`);
  if (asked >= MAX_RETRY) throw new CliError(`${name} was tried ${asked} times, and that is the limit: ${rerun}`);
  const budget = Object.keys(raised).length === 0 ? {} : { budget: raised };
  return { spec: { retry: asked + 1, ...budget } };
}

/** What a retry will do, in words. */
export function whatRunsAgain({ status }: Objective): string {
  if (status?.phase === 'Expired') return 'the same plan is asked about again';
  return status?.decisions?.at(-1)?.decision === 'Approve' ? 'what failed runs again' : 'the debate starts again';
}

/** A whole number from 1 on. @throws CliError (usage) */
export function wholeNumber(option: string, text: string): number {
  if (!/^[1-9]\d{0,15}$/.test(text)) throw usageError(`${option} takes a whole number from 1 on`);
  return Number(text);
}

/** Dollars with up to six decimals. @throws CliError (usage) */
export function money(option: string, text: string): string {
  if (!/^\d{1,12}(\.\d{1,6})?$/.test(text)) throw usageError(`${option} takes dollars, such as 2.50`);
  return text;
}
