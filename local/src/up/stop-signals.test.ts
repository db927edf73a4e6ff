import { EventEmitter } from 'node:events';
import { systemClock } from '@dark-carnival/crds/clock';
import { describe, expect, it } from 'vitest';
import { listenForStop } from './stop-signals.ts';

function listening() {
  let now = 0;
  const told: string[] = [];
  const source = new EventEmitter();
  const { requested } = listenForStop(
    source,
    { ...systemClock, monotonic: () => now },
    {
      first: () => told.push('first'),
      second: () => told.push('second'),
    },
  );
  return { source, told, requested, at: (ms: number) => (now = ms) };
}

describe('listenForStop', () => {
  it('takes the echoes of one Ctrl-C, from the terminal, npm and the CLI, for one', async () => {
    const { source, told, requested, at } = listening();
    source.emit('SIGINT');
    at(40);
    source.emit('SIGINT');
    source.emit('SIGTERM');
    expect(await requested).toBe('stop');
    expect(told).toEqual(['first']);
  });

  it('takes another Ctrl-C, a moment later, for impatience', () => {
    const { source, told, at } = listening();
    source.emit('SIGINT');
    at(1500);
    source.emit('SIGINT');
    expect(told).toEqual(['first', 'second']);
  });

  it.each(['SIGTERM', 'SIGHUP', 'disconnect'])('stops at %s too', async (event) => {
    const { source, requested } = listening();
    source.emit(event);
    expect(await requested).toBe('stop');
  });
});
