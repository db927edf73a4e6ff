import type { Wire } from './families.ts';
import type { JsonSchema } from './json-schema.ts';
import type { Completion, CompletionRequest, Message } from './provider.ts';
import { ProviderError } from './provider-error.ts';

/**
 * Ways to get JSON out of a model, best first:
 * - native: the wire's own structured output, strict
 * - native-plain: the same with a schema of shapes only, for models whose schema check is narrower than documented
 * - tool: one tool with the schema, forced
 * - object: "some JSON object", with the schema in the prompt
 * - text: the schema in the prompt, JSON picked out of the answer
 */
export type Rung = 'native' | 'native-plain' | 'tool' | 'object' | 'text';

const LADDERS: Record<Wire, readonly Rung[]> = {
  OpenAI: ['native', 'native-plain', 'object', 'text'],
  Anthropic: ['native', 'tool', 'text'],
};

/** Refusals that another rung cannot mend: the request as such is too large. */
const TOO_LARGE = /context|too long|too large|maximum.{0,40}tokens|exceed/i;

/** Remembers, per model, the rung that works, so that a refusal is provoked once and not with every call. */
export class AnswerLadder {
  readonly #rungs: readonly Rung[];
  readonly #known = new Map<string, number>();

  constructor(wire: Wire, first: Rung) {
    const ladder = LADDERS[wire];
    this.#rungs = ladder.slice(Math.max(0, ladder.indexOf(first)));
  }

  /** The rung that the next call to a model starts on. */
  rungFor(model: string): Rung {
    return this.#rungs[this.#known.get(model) ?? 0] ?? 'text';
  }

  /**
   * Asks on the best rung not known to fail, and steps down as long as the form of the question is what is refused. A lower rung is
   * remembered only once it worked: else the refusal had another cause. A rung that is silently ignored (prose where JSON was asked for)
   * is left behind as well.
   */
  async descend(model: string, ask: (rung: Rung) => Promise<Completion>): Promise<Completion> {
    for (let step = this.#known.get(model) ?? 0; ; step += 1) {
      const rung = this.#rungs[step] ?? 'text';
      try {
        const completion = await ask(rung);
        const ignored = completion.json === undefined && completion.finishReason === 'stop';
        const next = ignored ? Math.min(step + 1, this.#rungs.length - 1) : step;
        if (next > 0) this.#known.set(model, next);
        return completion;
      } catch (error) {
        if (step + 1 >= this.#rungs.length || !isFormRefusal(error)) throw error;
      }
    }
  }
}

function isFormRefusal(error: unknown): boolean {
  return (
    ProviderError.isInstance(error) &&
    error.kind === 'bad-request' &&
    (error.status === 400 || error.status === 422) &&
    !TOO_LARGE.test(error.message)
  );
}

/** The messages as a rung needs them: where the wire carries no schema, the last message says it. The prefix stays byte-stable. */
export function messagesFor(rung: Rung, { messages, schema }: CompletionRequest): readonly Message[] {
  if (!schema || (rung !== 'object' && rung !== 'text')) return messages;
  const last = messages.at(-1);
  if (!last) return messages;
  return [...messages.slice(0, -1), { ...last, content: `${last.content}\n\n${schemaInWords(schema.schema)}` }];
}

const schemaInWords = (schema: JsonSchema): string =>
  [
    'Answer with one JSON object and nothing else: no prose before or after it, no code fence.',
    'It must be valid against this JSON Schema:',
    JSON.stringify(schema),
  ].join('\n');
