import { FakeClock } from '@dark-carnival/crds/testing';
import { describe, expect, it } from 'vitest';
import type { DebateEvent } from '../debate/round.ts';
import { DeltaCoalescer } from './delta-coalescer.ts';

function aCoalescer() {
  const clock = new FakeClock();
  const seen: DebateEvent[] = [];
  const coalescer = new DeltaCoalescer(clock, (event) => seen.push(event));
  const say = (text: string) => coalescer.push({ type: 'turn-delta', round: 1, seat: 'visionary', text });
  const texts = () => seen.flatMap((event) => ('text' in event ? [event.text] : []));
  return { clock, seen, coalescer, say, texts };
}

describe('deltas', () => {
  it('of a fast model are joined for 50 ms', async () => {
    const { clock, say, texts } = aCoalescer();
    for (const word of ['low ', 'and ', 'high ']) say(word);
    await clock.advance(49);
    expect(texts()).toEqual([]);
    await clock.advance(1);
    expect(texts()).toEqual(['low and high ']);
    expect(clock.pendingTimers).toBe(0);
  });

  it('are shown sooner when much has come', () => {
    const { say, texts } = aCoalescer();
    for (let count = 0; count < 11; count += 1) say('x'.repeat(100));
    expect(texts()).toEqual(['x'.repeat(1100)]);
  });

  it('are shown before whatever comes after them', () => {
    const { coalescer, say, seen } = aCoalescer();
    say('last words');
    coalescer.push({
      type: 'turn-end',
      round: 1,
      seat: 'visionary',
      outcome: 'Answered',
      tokens: 3,
      text: 'last words',
    });
    expect(seen.map(({ type }) => type)).toEqual(['turn-delta', 'turn-end']);
  });

  it('of two seats are never joined', () => {
    const { coalescer, say, texts } = aCoalescer();
    say('one');
    coalescer.push({ type: 'turn-delta', round: 1, seat: 'critic', text: 'two' });
    coalescer.flush();
    expect(texts()).toEqual(['one', 'two']);
  });

  it('that are too long for one event are cut, and never within a character', () => {
    const { say, texts } = aCoalescer();
    const text = `x${'🌊'.repeat(40_000)}`;
    say(text);
    expect(texts().length).toBeGreaterThan(2);
    expect(texts().join('')).toBe(text);
    expect(texts().every((piece) => piece.isWellFormed())).toBe(true);
  });
});
