import type { Seat, TurnStatus, WagonEvent } from '@dark-carnival/crds';
import { answeredFor, safeLine, safePiece, safeText } from '@dark-carnival/crds/text';
import type { Terminal } from '../terminal/terminal.ts';

type TurnEvent<Type> = Extract<WagonEvent, { type: Type }>;

interface Shown {
  /** Something of its text has been printed. */
  spoke: boolean;
  ended: boolean;
  /** It may be held again. */
  failed?: boolean;
  /** Who was named as the speaker, empty while that is open. */
  who: string;
  /** Its text is JSON: how many characters of it have come. */
  plan?: number | undefined;
}

const SEAT_NAMES: Readonly<Record<Seat, string>> = { visionary: 'Visionary', critic: 'Critic', tactician: 'Tactician' };

/**
 * Prints a debate while it happens, from the wagon's events; what these did not bring is filled in from the status, so that no turn is missing and
 * none comes twice. A turn in JSON is only announced while it comes: objections are printed at its end in lines, and the plan when it comes to the gate.
 */
export class LiveDebate {
  readonly #terminal: Terminal;
  readonly #turns = new Map<string, Shown>();
  /** The turn whose line is open. */
  #open: string | undefined;

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
  }

  /** Takes one event; those that are no turns are passed over. */
  hear(event: WagonEvent): void {
    if (event.type === 'turn-start') this.#begin(event);
    else if (event.type === 'turn-delta') this.#speak(event);
    else if (event.type === 'turn-end') this.#end(event);
  }

  /** Whether the end of each of these turns has been printed. */
  hasAll(turns: readonly TurnStatus[]): boolean {
    return turns.every((turn) => this.#turns.get(keyOf(turn))?.ended);
  }

  /** Counts these turns as told: they were there before we came. */
  skip(turns: readonly TurnStatus[]): void {
    for (const turn of turns) this.#turns.set(keyOf(turn), { spoke: true, ended: true, who: '' });
  }

  /** Prints what the live events did not bring: at most an excerpt of each turn, which is all that a status holds. */
  fillIn(turns: readonly TurnStatus[]): void {
    for (const turn of turns) {
      const shown = this.#turns.get(keyOf(turn));
      if (shown?.ended) continue;
      if (!shown) this.#heading(turn, whoOf(turn));
      this.closeLine();
      if (!shown?.spoke)
        this.#terminal.out(
          isJson({ ...turn, text: turn.excerpt }) ? NOTES[turn.seat] : `${safeLine(turn.excerpt)} […]`,
        );
      this.#tellFallBack(turn);
      this.#turns.set(keyOf(turn), { spoke: true, ended: true, who: whoOf(turn) });
    }
  }

  /** Ends an open line, so that something else can be printed. */
  closeLine(): void {
    if (this.#open === undefined) return;
    this.#terminal.out('');
    this.#open = undefined;
  }

  /** Comes once when the seat is asked, and again for each provider that is tried. */
  #begin(event: TurnEvent<'turn-start'>): void {
    const key = keyOf(event);
    const shown = this.#turns.get(key);
    // A stream that is read from its beginning repeats what has been told.
    if (shown?.ended && !shown.failed) return;
    const who = event.model === '' ? '' : whoOf(event);
    if (shown && !shown.ended && !shown.spoke) this.#name(key, shown, who);
    else {
      this.#heading(event, who);
      this.#turns.set(key, { spoke: false, ended: false, who });
    }
  }

  #name(key: string, shown: Shown, who: string): void {
    const { paint, piece, out } = this.#terminal;
    if (who === '' || who === shown.who) return;
    if (shown.who === '' && this.#open === key) piece(paint.dim(` (${safeLine(who, 120)})`));
    else {
      this.closeLine();
      out(paint.dim(`now ${safeLine(who, 120)}`));
    }
    this.#turns.set(key, { ...shown, who });
  }

  #speak(event: TurnEvent<'turn-delta'>): void {
    const key = keyOf(event);
    const shown = this.#turns.get(key);
    if (shown?.ended || event.text === '') return;
    if (!shown) this.#heading(event, '');
    // The first words go below the heading; words after something else was printed begin a line.
    if (!shown?.spoke || this.#open !== key) this.closeLine();
    const written = shown?.spoke ? shown.plan : isJson(event) ? 0 : undefined;
    const plan = written === undefined ? undefined : written + event.text.length;
    this.#turns.set(key, { spoke: true, ended: false, who: shown?.who ?? '', plan });
    this.#open = key;
    const { piece, paint } = this.#terminal;
    if (plan === undefined) piece(safePiece(event.text));
    else piece(paint.dim(`${shown?.spoke ? '' : NOTES[event.seat]}${dots(written ?? 0, plan)}`));
  }

  #end(event: TurnEvent<'turn-end'>): void {
    const key = keyOf(event);
    const shown = this.#turns.get(key);
    if (shown?.ended) return;
    if (!shown) this.#heading(event, event.provider ?? '');
    this.closeLine();
    const { out, paint } = this.#terminal;
    const isAnnounced = shown?.plan !== undefined && event.seat === 'critic';
    if (!shown?.spoke || isAnnounced) out(isJson(event) ? paint.dim(NOTES[event.seat]) : safeText(event.text).trim());
    this.#tellFallBack(event);
    const failed = event.outcome === 'Failed';
    if (failed) out(paint.red('this turn failed'));
    this.#turns.set(key, { spoke: true, ended: true, failed, who: shown?.who ?? '' });
  }

  #tellFallBack(turn: TurnStatus | TurnEvent<'turn-end'>): void {
    const words = answeredFor(turn);
    if (words !== undefined) this.#terminal.out(this.#terminal.paint.yellow(safeLine(words, 200)));
  }

  #heading(turn: { round: number; seat: Seat }, who: string): void {
    const { paint, out, piece } = this.#terminal;
    this.closeLine();
    out('');
    piece(paint.bold(paint.magenta(`${SEAT_NAMES[turn.seat]}, round ${turn.round}`)));
    if (who !== '') piece(paint.dim(` (${safeLine(who, 120)})`));
    this.#open = keyOf(turn);
  }
}

const NOTES: Record<Seat, string> = { visionary: '', critic: 'writes the objections', tactician: 'writes the plan' };
/** A sign of life while a plan is written that is shown whole later. */
const CHARACTERS_PER_DOT = 200;
const dots = (before: number, after: number) =>
  '.'.repeat(Math.floor(after / CHARACTERS_PER_DOT) - Math.floor(before / CHARACTERS_PER_DOT));

const keyOf = ({ round, seat }: { round: number; seat: Seat }) => `${round}/${seat}`;

const whoOf = ({ provider, model }: { provider?: string | undefined; model?: string | undefined }) =>
  [provider, model].filter((part) => part !== undefined && part !== '').join(', ');

/** Critic and Tactician are asked for JSON, and answer with it bare or in a fence. */
const isJson = ({ seat, text }: { seat: Seat; text: string }) => seat !== 'visionary' && /^\s*(\{|```)/.test(text);
