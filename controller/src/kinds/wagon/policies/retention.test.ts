import { describe, expect, it } from 'vitest';
import { BRAKE_LIMIT_MS, MassSilence } from './mass-silence.ts';
import { judgeRetention, type RetentionFacts } from './retention.ts';

const EVICTED_AT = Date.parse('2026-11-24T12:00:00Z');
const HOUR_MS = 3_600_000;

describe('the object of an evicted wagon', () => {
  const facts = (given: Partial<RetentionFacts> = {}): RetentionFacts => ({
    spec: { retainAfterEvictionSeconds: 3600 },
    conditions: [
      { type: 'Evicted', status: 'True', reason: 'Evicted', message: '', lastTransitionTime: '2026-11-24T12:00:00Z' },
    ],
    nowMs: EVICTED_AT + HOUR_MS,
    needed: false,
    brakeForMs: 0,
    ...given,
  });

  it('goes when its time is over and nobody needs it', () => {
    expect(judgeRetention(facts())).toEqual({ outcome: 'delete' });
  });

  it.each([
    { name: 'before its time', given: { nowMs: EVICTED_AT + HOUR_MS - 5_000 }, why: 'retained', checkInMs: 5_000 },
    { name: 'while an Objective needs it', given: { needed: true }, why: 'needed', checkInMs: 600_000 },
    { name: 'while the brake is on', given: { brakeForMs: 120_000 }, why: 'braked', checkInMs: 15_000 },
    { name: 'where nobody knows since when', given: { conditions: [] }, why: 'retained', checkInMs: HOUR_MS },
    {
      name: 'for a year, with a look each hour',
      given: { spec: { retainAfterEvictionSeconds: 31_536_000 } },
      why: 'retained',
      checkInMs: HOUR_MS,
    },
  ])('stays $name', ({ given, why, checkInMs }) => {
    expect(judgeRetention(facts(given))).toEqual({ outcome: 'keep', why, checkInMs });
  });
});

describe('the brake on deletion', () => {
  const silentFleet = (silent: number, at = 0) => {
    const silence = new MassSilence();
    for (let index = 0; index < silent; index += 1) silence.note('default', `w-${index}`, true, at);
    return silence;
  };
  const holds = (silence: MassSilence, fleet: number, now: number) => silence.brake('default', fleet, now).holdForMs;

  it.each([
    { silent: 3, fleet: 5, on: true },
    { silent: 2, fleet: 5, on: false },
    { silent: 3, fleet: 6, on: false },
    { silent: 4, fleet: 6, on: true },
    { silent: 4, fleet: 4, on: false },
    { silent: 600, fleet: 1000, on: true },
  ])('with $silent of $fleet silent at once is on: $on', ({ silent, fleet, on }) => {
    expect(holds(silentFleet(silent), fleet, 0) > 0).toBe(on);
  });

  it('holds for ten minutes and no longer, however long they are silent', () => {
    const silence = silentFleet(5);
    expect(holds(silence, 5, 0)).toBe(BRAKE_LIMIT_MS);
    expect(holds(silence, 5, BRAKE_LIMIT_MS - 1)).toBe(1);
    for (const later of [0, 1_000, 9e6]) expect(holds(silence, 5, BRAKE_LIMIT_MS + later)).toBe(0);
  });

  it('begins once, and is let go of when half of them are back', () => {
    const silence = silentFleet(5);
    expect(silence.brake('default', 5, 0).justBegan).toBe(true);
    expect(silence.brake('default', 5, 1_000).justBegan).toBe(false);
    for (const name of ['w-0', 'w-1', 'w-2']) silence.note('default', name, false, 2_000);
    expect(holds(silence, 5, 2_000)).toBe(0);
  });

  it('is not put on by wagons that fall silent one after the other, nor by those that were silent long before', () => {
    const silence = new MassSilence();
    for (let index = 0; index < 5; index += 1) {
      silence.note('default', `w-${index}`, true, index * 61_000);
      expect(holds(silence, 5, index * 61_000)).toBe(0);
    }
    const mixed = silentFleet(10);
    expect(holds(mixed, 20, 100_000)).toBe(0);
    for (const name of ['x-0', 'x-1', 'x-2', 'x-3', 'x-4', 'x-5']) mixed.note('default', name, true, 100_000);
    expect(mixed.brake('default', 20, 100_000)).toMatchObject({ holdForMs: BRAKE_LIMIT_MS, silent: 6, fleet: 10 });
  });

  it('of one namespace is no matter of another, and a wagon that is gone does not count', () => {
    const silence = silentFleet(5);
    expect(silence.brake('other', 5, 0).holdForMs).toBe(0);
    for (let index = 0; index < 5; index += 1) silence.forget('default', `w-${index}`);
    expect(holds(silence, 0, 0)).toBe(0);
  });
});
