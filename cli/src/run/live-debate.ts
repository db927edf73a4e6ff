import type { Seat, TurnStatus, WagonEvent } from '@dark-carnival/crds';
import type { Terminal } from '../terminal/terminal.ts';
import { safeLine, safePiece, safeText } from '../terminal/untrusted-text.ts';

type Turn = Extract<WagonEvent, { type: 'turn-start' | 'turn-delta' | 'turn-end' }>;

interface Shown {
  /** Something of its text has been printed. */
  spoke: boolean;
  ended: boolean;
  /** It may be held again. */
  failed?: boolean;
}

const SEAT_NAMES: Readonly<Record<Seat, string>> = { visionary: 'Visionary', critic: 'Critic', tactician: 'Tactician' };

/**
 * Prints a debate while it happens, from the wagon's events; what these did not bring is filled in from the status, so that no turn is missing and
 * none comes twice.
 */
export class LiveDebate {
  readonly #terminal: Terminal;
  readonly #turns = new Map<string, Shown>();
  /** The turn whose text is on the open line. */
  #speaking: string | undefined;

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
  }

  /** Takes one event; those that are no turns are passed over. */
  hear(event: WagonEvent): void {
    if (event.type === 'turn-start') this.#begin(event, `${event.provider}, ${event.model}`);
    else if (event.type === 'turn-delta') this.#speak(event);
    else if (event.type === 'turn-end') this.#end(event);
  }

  /** Whether the end of each of these turns has been printed. */
  hasAll(turns: readonly TurnStatus[]): boolean {
    return turns.every((turn) => this.#turns.get(keyOf(turn))?.ended);
  }

  /** Counts these turns as told: they were there before we came. */
  skip(turns: readonly TurnStatus[]): void {
    for (const turn of turns) this.#turns.set(keyOf(turn), { spoke: true, ended: true });
  }

  /** Prints what the live events did not bring: at most an excerpt of each turn, which is all that a status holds. */
  fillIn(turns: readonly TurnStatus[]): void {
    for (const turn of turns) {
      const shown = this.#turns.get(keyOf(turn));
      if (shown?.ended) continue;
      this.closeLine();
      if (!shown) this.#heading(turn, [turn.provider, turn.model].filter((part) => part !== undefined).join(', '));
      if (!shown?.spoke) this.#terminal.out(`${safeLine(turn.excerpt)} […]`);
      this.#turns.set(keyOf(turn), { spoke: true, ended: true });
    }
  }

  /** Ends an open line, so that something else can be printed. */
  closeLine(): void {
    if (this.#speaking === undefined) return;
    this.#terminal.out('');
    this.#speaking = undefined;
  }

  #begin(turn: Turn, who: string): void {
    const shown = this.#turns.get(keyOf(turn));
    // A stream that is read from its beginning repeats what has been told.
    if (shown?.ended && !shown.failed) return;
    this.closeLine();
    this.#heading(turn, who);
    this.#turns.set(keyOf(turn), { spoke: false, ended: false });
  }

  #speak(event: Extract<WagonEvent, { type: 'turn-delta' }>): void {
    const key = keyOf(event);
    const shown = this.#turns.get(key);
    if (shown?.ended) return;
    if (!shown) this.#begin(event, '');
    else if (this.#speaking !== key) this.closeLine();
    this.#turns.set(key, { spoke: true, ended: false });
    this.#speaking = key;
    this.#terminal.piece(safePiece(event.text));
  }

  #end(event: Extract<WagonEvent, { type: 'turn-end' }>): void {
    const key = keyOf(event);
    const shown = this.#turns.get(key);
    if (shown?.ended) return;
    if (!shown) this.#begin(event, event.provider ?? '');
    this.closeLine();
    if (!shown?.spoke) this.#terminal.out(safeText(event.text).trim());
    if (event.outcome === 'Failed') this.#terminal.out(this.#terminal.paint.red('this turn failed'));
    this.#turns.set(key, { spoke: true, ended: true, failed: event.outcome === 'Failed' });
  }

  #heading({ round, seat }: { round: number; seat: Seat }, who: string): void {
    const { paint, out } = this.#terminal;
    const by = who === '' ? '' : paint.dim(` (${safeLine(who, 120)})`);
    out(`\n${paint.bold(paint.magenta(`${SEAT_NAMES[seat]}, round ${round}`))}${by}`);
  }
}

const keyOf = ({ round, seat }: { round: number; seat: Seat }) => `${round}/${seat}`;
