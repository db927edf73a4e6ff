import type { WagonEvent } from '@dark-carnival/crds';
import type { Clock, Timer } from '@dark-carnival/crds/clock';
import type { HubClient } from '../hub/hub-client.ts';
import { readEvent } from './live-events.ts';

/** Held events come at once; a wagon that has to be asked first takes a moment. */
const FIRST_MS = 2_000;
const QUIET_MS = 400;

export interface RecentEventsOptions {
  hub: HubClient;
  objective: string;
  clock: Clock;
  signal: AbortSignal;
}

/** The events that are held now: the stream has no end, so silence is taken for it. */
export async function readRecentEvents({ hub, objective, clock, signal }: RecentEventsOptions): Promise<WagonEvent[]> {
  const quiet = new AbortController();
  let timer: Timer = clock.setTimeout(() => quiet.abort(), FIRST_MS);
  const events: WagonEvent[] = [];
  try {
    for await (const { data } of hub.events(objective, '0', AbortSignal.any([signal, quiet.signal]))) {
      const event = readEvent(data);
      if (!event) continue;
      events.push(event);
      clock.clearTimeout(timer);
      timer = clock.setTimeout(() => quiet.abort(), QUIET_MS);
    }
  } catch (error) {
    if (!quiet.signal.aborted) throw error;
  } finally {
    clock.clearTimeout(timer);
  }
  return events;
}
