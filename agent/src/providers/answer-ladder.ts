import { addSpend } from './cost.ts';
import type { ModelTraits, Rung, Wire } from './families.ts';
import type { JsonSchema } from './json-schema.ts';
import type { Completion, CompletionRequest, Message, Spend } from './provider.ts';
import { ProviderError } from './provider-error.ts';
import { countUnions } from './schema-dialect.ts';

/*
 * Ways to get JSON out of a model, best first:
 * - native: the wire's own structured output, strict
 * - native-plain: the same with a schema of shapes only, for models whose schema check is narrower than documented
 * - tool: one tool with the schema, forced
 * - object: "some JSON object", with the schema in the prompt
 * - text: the schema in the prompt, JSON picked out of the answer
 */
const LADDERS: Record<Wire, readonly Rung[]> = {
  OpenAI: ['native', 'native-plain', 'tool', 'object', 'text'],
  Anthropic: ['native', 'tool', 'text'],
  Ollama: ['native', 'native-plain', 'object', 'text'],
};

/** What an answer on a rung shows that a model takes. */
const SHOWS = {
  native: 'StrictSchema',
  'native-plain': 'StrictSchema',
  tool: 'Tools',
  object: 'JSONObject',
  text: undefined,
} as const;
export type LearnedCapability = 'StrictSchema' | 'Tools' | 'JSONObject';

/** Refusals that another rung cannot mend: the request as such is too large. */
const TOO_LARGE = /context|too long|too large|maximum.{0,40}tokens|exceed/i;

const NOTHING: Spend = { inputTokens: 0, outputTokens: 0, calls: 0 };
/** Models that a provider is asked for are few; a chain that names others without end must not fill the memory. */
const MAX_MODELS = 64;

export interface LadderOptions {
  wire: Wire;
  /** Unions that one native schema may hold. */
  maxUnions?: number | undefined;
  traitsOf: (model: string) => Pick<ModelTraits, 'firstRung'>;
}

/** Remembers, per model, the rung that works, so that a refusal is provoked once and not with every call. */
export class AnswerLadder {
  readonly #rungs: readonly Rung[];
  readonly #options: LadderOptions;
  readonly #known = new Map<string, number>();
  readonly #shown = new Map<string, Set<LearnedCapability>>();

  constructor(options: LadderOptions) {
    this.#options = options;
    this.#rungs = LADDERS[options.wire];
  }

  /** The rung that the next call to a model starts on. */
  rungFor(model: string): Rung {
    return this.#rungs[this.#firstStep(model)] ?? 'text';
  }

  /** What answers have shown that a model takes. */
  capabilitiesOf(model: string): LearnedCapability[] {
    return [...(this.#shown.get(model) ?? [])].sort();
  }

  /**
   * Asks on the best rung not known to fail, and steps down as long as the form of the question is what is refused. A lower rung is
   * remembered only once it worked: else the refusal had another cause. A rung that is silently ignored (prose where JSON was asked for)
   * is left behind as well. What the refused ones consumed is part of the answer's `spent`.
   */
  async descend(model: string, schema: JsonSchema, ask: (rung: Rung) => Promise<Completion>): Promise<Completion> {
    let spent = NOTHING;
    for (let step = this.#stepFor(model, schema); ; step += 1) {
      const rung = this.#rungs[step] ?? 'text';
      try {
        const completion = await ask(rung);
        this.#learn(model, step, completion);
        return { ...completion, spent: addSpend(spent, completion.spent) };
      } catch (error) {
        if (!ProviderError.isInstance(error)) throw error;
        spent = addSpend(spent, error.spent);
        if (step + 1 >= this.#rungs.length || !isFormRefusal(error)) throw error.withSpent(spent);
      }
    }
  }

  #firstStep(model: string): number {
    return this.#known.get(model) ?? Math.max(0, this.#rungs.indexOf(this.#options.traitsOf(model).firstRung));
  }

  #stepFor(model: string, schema: JsonSchema): number {
    const { maxUnions = Number.POSITIVE_INFINITY } = this.#options;
    let step = this.#firstStep(model);
    if (countUnions(schema) > maxUnions) while (this.#rungs[step]?.startsWith('native')) step += 1;
    return step;
  }

  #learn(model: string, step: number, { json, finishReason }: Completion): void {
    const rung = this.#rungs[step] ?? 'text';
    const ignored = json === undefined && finishReason === 'stop';
    const next = ignored ? Math.min(step + 1, this.#rungs.length - 1) : step;
    if (next > this.#firstStep(model)) this.#remember(model, next);
    const shows = json === undefined ? undefined : SHOWS[rung];
    if (shows !== undefined) this.#shown.set(model, new Set([...(this.#shown.get(model) ?? []), shows]));
  }

  #remember(model: string, step: number): void {
    if (this.#known.size >= MAX_MODELS) {
      this.#known.clear();
      this.#shown.clear();
    }
    this.#known.set(model, step);
  }
}

function isFormRefusal({ kind, status, message }: ProviderError): boolean {
  return kind === 'bad-request' && (status === 400 || status === 422) && !TOO_LARGE.test(message);
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
