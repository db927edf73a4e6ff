/** What a question can do without: models and gateways were seen that refuse one of these by name. */
const DISPENSABLE = ['max_completion_tokens', 'max_tokens', 'reasoning_effort', 'thinking', 'stream_options'] as const;

const REFUSES = /unsupported|not supported|unrecognized|unknown|unexpected|extra|not permitted|not allowed|invalid/i;

/**
 * The parameter that an error says is refused, of those that were sent: "Unsupported parameter: 'max_tokens' is not supported with this model."
 */
export function refusedParameter(error: unknown, sent: readonly string[]): string | undefined {
  const status = error instanceof Error && 'status' in error ? error.status : undefined;
  if ((status !== 400 && status !== 422) || !(error instanceof Error) || !REFUSES.test(error.message)) return undefined;
  return DISPENSABLE.find((name) => sent.includes(name) && new RegExp(`\\b${name}\\b`).test(error.message));
}

const MAX_MODELS = 64;

/** Remembers, per model, which parameters were refused, so that a refusal is provoked once. */
export class RefusedParameters {
  readonly #byModel = new Map<string, Set<string>>();

  of(model: string): ReadonlySet<string> {
    return this.#byModel.get(model) ?? new Set();
  }

  /** @returns whether that is news. */
  add(model: string, parameter: string): boolean {
    const known = this.#byModel.get(model) ?? new Set();
    if (known.has(parameter)) return false;
    if (this.#byModel.size >= MAX_MODELS) this.#byModel.clear();
    this.#byModel.set(model, new Set([...known, parameter]));
    return true;
  }
}
