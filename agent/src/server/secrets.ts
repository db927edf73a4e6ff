/** Shorter texts are no secrets worth hiding: replacing them would garble what people read. */
const MIN_LENGTH = 6;

/** Knows the secrets of this process and takes them out of whatever leaves it: log lines, events, messages. */
export class Secrets {
  #texts: string[] = [];

  /** Remembers more secrets. They are never forgotten: a key that was replaced may still be quoted by an error. */
  add(secrets: Iterable<string>): void {
    const forms = [...secrets].flatMap((secret) => [
      secret,
      JSON.stringify(secret).slice(1, -1),
      encodeURIComponent(secret),
    ]);
    const all = new Set([...this.#texts, ...forms.filter((text) => text.length >= MIN_LENGTH)]);
    // Longest first, so that a secret that holds another one goes as a whole.
    this.#texts = [...all].sort((left, right) => right.length - left.length);
  }

  readonly scrub = (text: string): string => {
    let clean = text;
    for (const secret of this.#texts) if (clean.includes(secret)) clean = clean.replaceAll(secret, '***');
    return clean;
  };
}
