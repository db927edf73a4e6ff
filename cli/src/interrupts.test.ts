import { EventEmitter } from 'node:events';
import { systemClock } from '@dark-carnival/crds/clock';
import { describe, expect, it } from 'vitest';
import { listenForInterrupts } from './interrupts.ts';

describe('listenForInterrupts', () => {
  it('takes the echoes of one Ctrl-C for one, and another one for impatience', () => {
    let now = 0;
    let again = 0;
    const source = new EventEmitter();
    const signal = listenForInterrupts(source, { ...systemClock, monotonic: () => now }, () => {
      again += 1;
    });
    expect(signal.aborted).toBe(false);
    source.emit('SIGINT');
    now = 30;
    source.emit('SIGINT');
    expect([signal.aborted, again]).toEqual([true, 0]);
    now = 2_000;
    source.emit('SIGINT');
    expect(again).toBe(1);
  });

  it('stops too when the process that started us is gone', () => {
    const source = new EventEmitter();
    const signal = listenForInterrupts(source, systemClock, () => {});
    source.emit('disconnect');
    expect(signal.aborted).toBe(true);
  });
});
