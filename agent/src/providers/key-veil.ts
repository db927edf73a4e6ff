/** Shorter keys are words that people set because something had to be set ("ollama"): they are no secrets, and answers may speak of them. */
const MIN_LENGTH = 12;
const CENSOR = '***';

/** Takes an endpoint's own key out of what it answers, however it is cut into pieces: a bridge that quotes it would have it in files and transcripts. */
export class KeyVeil {
  readonly #key: string | undefined;
  #held = '';

  constructor(key: string | undefined) {
    this.#key = key !== undefined && key.length >= MIN_LENGTH ? key : undefined;
  }

  /** A whole text. */
  hide(text: string): string {
    return this.#key !== undefined && text.includes(this.#key) ? text.replaceAll(this.#key, CENSOR) : text;
  }

  /** The next piece, as far as it can be told; what may be the beginning of a key is held back. */
  push(piece: string): string {
    if (this.#key === undefined) return piece;
    const text = this.hide(this.#held + piece);
    const heldFrom = text.length - beginningAtEnd(text, this.#key);
    this.#held = text.slice(heldFrom);
    return text.slice(0, heldFrom);
  }

  /** What was held back, once nothing follows. */
  rest(): string {
    const rest = this.#held;
    this.#held = '';
    return rest;
  }
}

/** How much of the end of a text is the beginning of a key. */
function beginningAtEnd(text: string, key: string): number {
  for (let length = Math.min(text.length, key.length - 1); length > 0; length -= 1)
    if (text.endsWith(key.slice(0, length))) return length;
  return 0;
}
