import { type WagonEvent, wagonEventSchema } from '@dark-carnival/crds';
import { type Clock, sleep } from '@dark-carnival/crds/clock';
import { Backoff } from '@dark-carnival/kube';
import type { HubClient } from '../hub/hub-client.ts';
import { HubRefusal } from '../hub/hub-error.ts';

export interface LiveEventsOptions {
  hub: HubClient;
  objective: string;
  clock: Clock;
  random: () => number;
  signal: AbortSignal;
  onEvent(event: WagonEvent): void;
  /** The hub is away, told once per absence; the events go on by themselves when it is back. */
  onAway?(error: unknown): void;
}

/** The hub keeps a stream open; one that ends at once again and again is asked less often. */
const BACKOFF = { baseMs: 300, maxMs: 5_000 };

/**
 * Follows an Objective's events until `signal` aborts, from the first that anybody still holds, over every break of the connection. Nothing is told
 * twice. Never throws.
 */
export async function followLiveEvents(options: LiveEventsOptions): Promise<void> {
  const { hub, objective, clock, random, signal, onEvent, onAway } = options;
  const backoff = new Backoff({ ...BACKOFF, random });
  let after = '0';
  let told = false;
  while (!signal.aborted) {
    try {
      for await (const { id, data } of hub.events(objective, after, signal)) {
        after = id || after;
        backoff.reset();
        told = false;
        const event = readEvent(data);
        if (event) onEvent(event);
      }
    } catch (error) {
      if (signal.aborted) return;
      if (!told) onAway?.(error);
      told = true;
      // What it refuses for good (no right, no such route) it will refuse again.
      if (error instanceof HubRefusal && error.status < 500 && error.status !== 429) return;
    }
    await sleep(clock, backoff.next(), signal);
  }
}

/** An event as this version knows it; undefined for others, which are passed over. */
export function readEvent(data: string): WagonEvent | undefined {
  try {
    return wagonEventSchema.safeParse(JSON.parse(data)).data;
  } catch {
    return undefined;
  }
}
