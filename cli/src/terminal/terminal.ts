import pc from 'picocolors';

/** Colours, or none. */
export type Paint = Pick<
  ReturnType<typeof pc.createColors>,
  'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan' | 'magenta'
>;

/** What a question was answered with; nothing where the person went away (end of input, Ctrl-C) or the question was withdrawn. */
export type Ask = (question: string, signal?: AbortSignal) => Promise<string | undefined>;

/** Where a command writes, and whom it may ask. What goes in was made safe before, except by `raw`. */
export interface Terminal {
  /** A line (or several) of what was asked for. */
  out(text: string): void;
  /** A piece of a line. */
  piece(text: string): void;
  /** Bytes as they are. */
  raw(bytes: Uint8Array): void;
  /** A line about the work: on stderr, so that a pipe gets only what was asked for. */
  note(text: string): void;
  /** Colours for stdout. */
  readonly paint: Paint;
  /** stdout is a terminal. */
  readonly isTerminal: boolean;
  /** A person can be asked. */
  readonly ask: Ask | undefined;
  /** Width in characters. */
  readonly columns: number;
}

/** Colour goes to a terminal only, and not where NO_COLOR says so (no-color.org: any value but the empty one). */
export function wantsColour(isTerminal: boolean, env: Readonly<Record<string, string | undefined>>): boolean {
  return isTerminal && !env['NO_COLOR'] && env['TERM'] !== 'dumb';
}

export function paintFor(colour: boolean): Paint {
  return pc.createColors(colour);
}
