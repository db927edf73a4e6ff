import type { Clock, Timer } from '@dark-carnival/crds/clock';
import type { DebateEvent } from '../debate/round.ts';

/** Text is shown this often, or whenever this much has come: a fast model gives a token every millisecond, and nobody reads that fast. */
const MAX_DELAY_MS = 50;
const MAX_CHARACTERS = 1024;
/** Largest delta on the wire, in UTF-16 units; a provider may hand over a whole answer as one. */
const MAX_DELTA = 32_768;

type Delta = Extract<DebateEvent, { type: 'turn-delta' }>;

/** Joins the deltas of a turn into fewer, larger ones; every other event passes at once, after the text that came before it. */
export class DeltaCoalescer {
  readonly #clock: Clock;
  readonly #emit: (event: DebateEvent) => void;
  #pending: Delta | undefined;
  #timer: Timer | undefined;

  constructor(clock: Clock, emit: (event: DebateEvent) => void) {
    this.#clock = clock;
    this.#emit = emit;
  }

  push(event: DebateEvent): void {
    if (event.type !== 'turn-delta') {
      this.flush();
      this.#emit(event);
      return;
    }
    const pending = this.#pending;
    if (pending !== undefined && (pending.seat !== event.seat || pending.round !== event.round)) this.flush();
    this.#pending = { ...event, text: (this.#pending?.text ?? '') + event.text };
    if (this.#pending.text.length >= MAX_CHARACTERS) this.flush();
    else this.#timer ??= this.#clock.setTimeout(() => this.flush(), MAX_DELAY_MS);
  }

  /** Shows what has come so far. */
  flush(): void {
    if (this.#timer !== undefined) this.#clock.clearTimeout(this.#timer);
    this.#timer = undefined;
    const pending = this.#pending;
    this.#pending = undefined;
    if (pending === undefined) return;
    for (const text of pieces(pending.text)) this.#emit({ ...pending, text });
  }
}

/** Cuts at code points, never within one. */
function pieces(text: string): string[] {
  if (text.length <= MAX_DELTA) return text === '' ? [] : [text];
  const endsInside = /[\ud800-\udbff]$/.test(text.slice(0, MAX_DELTA));
  const end = endsInside ? MAX_DELTA - 1 : MAX_DELTA;
  return [text.slice(0, end), ...pieces(text.slice(end))];
}
