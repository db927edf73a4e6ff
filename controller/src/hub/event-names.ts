import { createHash } from 'node:crypto';
import { objectiveName } from './objective-name.ts';

/** Longest event, and longest name of an Objective. */
const MAX_EVENT = 30;
const MAX_NAME = 52;
const HASH_DIGITS = 6;

/** A name for an event, from its goal: the first words, and a suffix that makes it unique. */
export function eventName(directive: string, randomBytes: (size: number) => Buffer): string {
  const name = objectiveName(directive, randomBytes);
  const suffix = name.slice(name.lastIndexOf('-'));
  const words = name.slice(0, -suffix.length).slice(0, MAX_EVENT - suffix.length);
  return `${words.replace(/-+$/, '')}${suffix}`;
}

/** Name of the Objective of an event on a wagon: always the same, so that nothing is made twice. */
export function nameOnWagon(event: string, wagon: string): string {
  const whole = `${event}-${wagon}`;
  if (whole.length <= MAX_NAME) return whole;
  const hash = createHash('sha256').update(wagon).digest('hex').slice(0, HASH_DIGITS);
  return `${whole.slice(0, MAX_NAME - HASH_DIGITS - 1).replace(/-+$/, '')}-${hash}`;
}
