/** Shorter texts are no secrets worth hiding: replacing them would garble what people read. */
const MIN_LENGTH = 6;
/** Texts that are remembered; beyond it the oldest are forgotten. Keys change rarely: this is many years of them. */
const MAX_TEXTS = 8192;

/** What stands where a secret was. */
export const CENSOR = '***';

/** What looks like a credential wherever it stands, also one that nobody told us of. */
const BEARER = /\b(Bearer|Basic)\s+[A-Za-z0-9._~+/=-]{8,}/gi;

/** Knows the secrets of this process and takes them out of whatever leaves it: log lines, events, messages, spans. */
export class Secrets {
  #texts: string[] = [];
  readonly #given = new Set<string>();

  /** Remembers more secrets. One that was replaced stays known: an error may still quote it. */
  add(secrets: Iterable<string>): void {
    const added = [...secrets].filter((secret) => !this.#given.has(secret));
    if (added.length === 0) return;
    if (this.#given.size > MAX_TEXTS) this.#given.clear();
    for (const secret of added) this.#given.add(secret);
    const forms = added.flatMap((secret) => [
      secret,
      JSON.stringify(secret).slice(1, -1),
      encodeURIComponent(secret),
      // As a Kubernetes Secret holds it.
      Buffer.from(secret).toString('base64'),
    ]);
    const all = new Set([...this.#texts, ...forms.filter((text) => text.length >= MIN_LENGTH)]);
    // Longest first, so that a secret that holds another one goes as a whole.
    this.#texts = [...all].slice(-MAX_TEXTS).sort((left, right) => right.length - left.length);
  }

  readonly scrub = (text: string): string => {
    let clean = text;
    for (const secret of this.#texts) if (clean.includes(secret)) clean = clean.replaceAll(secret, CENSOR);
    return clean.replace(BEARER, `$1 ${CENSOR}`);
  };
}
