import type { WagonEvent } from '@dark-carnival/crds';
import type { Cursor } from './cursor.ts';

/** One event as it came from a wagon. */
export interface LoggedEvent {
  wagon: string;
  epoch: string;
  event: WagonEvent;
  /** What a listener holds who has seen everything up to this event. */
  cursor: string;
}

const MAX_EVENTS = 2000;
const MAX_CHARS = 2 * 1024 * 1024;

/** What an event weighs: its texts; the rest is about this much. */
const BASE_CHARS = 300;
const weight = ({ event }: LoggedEvent): number => BASE_CHARS + ('text' in event ? event.text.length : 0);

/** The latest events of one Objective, so that whoever comes later sees the debate from its beginning. Bounded; what fell out is counted. */
export class EventLog {
  #events: LoggedEvent[] = [];
  #chars = 0;
  #forgotten = 0;

  push(logged: LoggedEvent): void {
    if (logged.event.type === 'turn-end') this.#forgetDeltas(logged.event);
    this.#events.push(logged);
    this.#chars += weight(logged);
    while (this.#events.length > MAX_EVENTS || this.#chars > MAX_CHARS) {
      const oldest = this.#events.shift();
      if (oldest === undefined) return;
      this.#chars -= weight(oldest);
      this.#forgotten += 1;
    }
  }

  /** What came after a cursor, oldest first, and how many events are missing before that. */
  after(cursor: Cursor): { events: readonly LoggedEvent[]; missing: number } {
    const unseen =
      cursor.kind === 'number' ? this.#events.filter(({ event }) => event.seq > cursor.seq) : this.#unseen(cursor);
    const fromTheBeginning = unseen.length === this.#events.length;
    return { events: unseen, missing: fromTheBeginning ? this.#forgotten : 0 };
  }

  /** An epoch says nothing about order, so what a listener has seen of a wagon ends where that wagon's event of the cursor lies. */
  #unseen({ positions }: Extract<Cursor, { kind: 'positions' }>): LoggedEvent[] {
    const seenUntil = new Map<string, number>();
    for (const [index, { wagon, epoch, event }] of this.#events.entries()) {
      const position = positions.get(wagon);
      if (position?.epoch === epoch && event.seq <= position.seq) seenUntil.set(wagon, index);
    }
    return this.#events.filter(({ wagon }, index) => index > (seenUntil.get(wagon) ?? -1));
  }

  /** The end of a turn carries its whole text: the pieces need not be told again. */
  #forgetDeltas(end: Extract<WagonEvent, { type: 'turn-end' }>): void {
    const kept = this.#events.filter(
      ({ event }) =>
        !(
          event.type === 'turn-delta' &&
          event.jobID === end.jobID &&
          event.round === end.round &&
          event.seat === end.seat
        ),
    );
    this.#events = kept;
    this.#chars = kept.reduce((sum, logged) => sum + weight(logged), 0);
  }
}
