import type { WagonEvent } from '@dark-carnival/crds';
import { describe, expect, it } from 'vitest';
import { FROM_THE_BEGINNING, parseCursor } from './cursor.ts';
import { EventLog } from './event-log.ts';

const at = '2026-11-24T10:00:00Z';
const log = (seq: number, message = ''): WagonEvent => ({ type: 'log', seq, at, level: 'info', message });

function logOf(...entries: [wagon: string, epoch: string, event: WagonEvent][]): EventLog {
  const events = new EventLog();
  for (const [wagon, epoch, event] of entries) events.push({ wagon, epoch, event, cursor: '' });
  return events;
}
const seen = (events: EventLog, cursor: Parameters<EventLog['after']>[0]) =>
  events.after(cursor).events.map(({ wagon, epoch, event }) => `${wagon}/${epoch}/${event.seq}`);

describe('the log of live events', () => {
  it('tells a listener of several wagons what it has not seen of each', () => {
    const events = logOf(['a', 'e1', log(1)], ['b', 'e1', log(1)], ['a', 'e1', log(2)], ['a', 'e2', log(1)]);
    const cursor = { kind: 'positions', positions: new Map([['a', { epoch: 'e1', seq: 2 }]]) } as const;
    expect(seen(events, cursor)).toEqual(['b/e1/1', 'a/e2/1']);
  });

  it('does not tell an older start of a wagon again to who has seen the newer', () => {
    const events = logOf(['a', 'e1', log(9)], ['a', 'e2', log(1)], ['a', 'e2', log(2)]);
    const cursor = { kind: 'positions', positions: new Map([['a', { epoch: 'e2', seq: 1 }]]) } as const;
    expect(seen(events, cursor)).toEqual(['a/e2/2']);
  });

  it('forgets the oldest beyond its bounds, and says how many are missing', () => {
    const events = new EventLog();
    for (let seq = 1; seq <= 2050; seq += 1) events.push({ wagon: 'a', epoch: 'e', event: log(seq), cursor: '' });
    const { events: kept, missing } = events.after(FROM_THE_BEGINNING);
    expect([kept.length, missing, kept[0]?.event.seq]).toEqual([2000, 50, 51]);
    expect(events.after({ kind: 'number', seq: 2049 })).toMatchObject({
      events: [{ event: { seq: 2050 } }],
      missing: 0,
    });
  });

  it.each(['-1', '1.5', 'x', 'e30', Buffer.from('[["a","b"]]').toString('base64url'), 'A'.repeat(5000)])(
    'takes %j for no cursor',
    (text) => expect(parseCursor(text)).toBeUndefined(),
  );
});
