import type { ProviderCapability, ProviderGrant } from '@dark-carnival/crds';
import type { Clock } from '@dark-carnival/crds/clock';
import { clip } from '@dark-carnival/crds/text';
import { AnswerLadder } from './answer-ladder.ts';
import { findJson } from './extract-json.ts';
import { type Endpoint, type Rung, traitsOf } from './families.ts';
import { type ConnectionPool, createGuardedFetch } from './guarded-fetch.ts';
import { KeyVeil } from './key-veil.ts';
import { probeModelList } from './probe-model-list.ts';
import type { CallOptions, Completion, CompletionRequest, FinishReason, Provider, TokenCount } from './provider.ts';
import { ProviderError } from './provider-error.ts';
import { estimatedCall } from './token-estimate.ts';
import { type CallContext, isContentFilter, translateError } from './translate-error.ts';

/** An answer as it came over a wire. */
export interface RawAnswer {
  text: string;
  /** `broken`: the stream ended without saying why. */
  finish: FinishReason | 'broken';
  /** Absent where the provider did not count, or not credibly. */
  usage?: TokenCount;
  /** Model that it says answered. */
  model?: string | undefined;
}

/** What differs between the wires: how a question is put and how its answer is read. */
export interface WireClient {
  /** Asks once. May throw anything; it is translated. */
  ask(request: CompletionRequest, how: { model: string; rung: Rung; options: ProgressOptions }): Promise<RawAnswer>;
}
export type ProgressOptions = CallOptions & {
  onDelta: (text: string) => void;
  onActivity: (characters?: number) => void;
};

/** What a provider over HTTP is made of. */
export interface WireProviderDeps {
  grant: ProviderGrant;
  endpoint: Endpoint;
  pool: ConnectionPool;
  clock: Clock;
  refusedHosts: readonly string[];
}

/** Providers that are local by nature: a private address is where they belong, whatever the policy. */
export const isNear = (type: ProviderGrant['type']): boolean => type === 'Ollama' || type === 'Claudeson';

/** What a wire adds to the common part: how it is probed, and how its own model is found where the grant names none. */
export interface WireOptions {
  probe?: (guarded: typeof fetch, signal: AbortSignal) => ReturnType<Provider['probe']>;
  /** The model to ask where nobody names one. */
  usualModel?: (guarded: typeof fetch, signal: AbortSignal) => Promise<string>;
  /** The model as it is known now; asked for by whoever shows the provider. */
  modelName?: () => string;
}

/** No answer to a bounded question is longer, in UTF-16 units; an endpoint that never stops is cut off here. */
const MAX_ANSWER = 4_000_000;
/** The same where little was asked for: no language writes more characters in a token, and none says so much beside. */
const answerLimit = (maxTokens: number): number => Math.min(MAX_ANSWER, 20_000 + 16 * maxTokens);

/** Builds a provider around a wire: ladder of answer formats, translation of errors, counting, probe. */
export function createWireProvider(
  deps: WireProviderDeps,
  connect: (guarded: typeof fetch) => Promise<WireClient>,
  options: WireOptions = {},
): Provider {
  const { grant, endpoint } = deps;
  const { name, type } = grant;
  const { family, wire } = endpoint;
  const { pool, refusedHosts } = deps;
  const guarded = createGuardedFetch({ provider: name, endpoint, pool, refusedHosts, isNear: isNear(type) });
  const ladder = new AnswerLadder({
    wire,
    maxUnions: family.maxUnions,
    traitsOf: (model) => traitsOf(grant, family, model),
  });
  const ownModel = () => grant.model ?? options.modelName?.() ?? '';
  let hasStreamed = false;
  // SDKs cost memory: they are loaded with the first call, and once.
  let client: Promise<WireClient> | undefined;

  const askOnce = async (request: CompletionRequest, model: string, rung: Rung, call: CallOptions) => {
    client ??= connect(guarded);
    const { completion, deltas } = await completeOnce(deps, await client, { request, model, rung, options: call });
    hasStreamed ||= deltas > 1;
    return completion;
  };
  const modelFor = async (call: CallOptions): Promise<string> =>
    call.model ?? (grant.model || (await translated(deps, () => options.usualModel?.(guarded, call.signal))) || '');
  return {
    name,
    type,
    get model() {
      return ownModel();
    },
    get capabilities() {
      const streaming: ProviderCapability[] = hasStreamed ? ['Streaming'] : [];
      return [...ladder.capabilitiesOf(ownModel()), ...streaming].sort();
    },
    async complete(request, call) {
      call.signal.throwIfAborted();
      const model = await modelFor(call);
      refuseUnaskable(deps, model);
      const { schema } = request;
      if (!schema) return askOnce(request, model, 'text', call);
      return ladder.descend(model, schema.schema, (rung) => askOnce(request, model, rung, call));
    },
    probe: (signal) =>
      options.probe?.(guarded, signal) ??
      probeModelList({ grant, endpoint, fetch: guarded, signal, now: deps.clock.now() }),
  };
}

async function translated<T>(deps: WireProviderDeps, run: () => Promise<T> | undefined): Promise<T | undefined> {
  try {
    return await run();
  } catch (error) {
    throw translateError(error, contextOf(deps, false));
  }
}

function refuseUnaskable({ grant, endpoint }: WireProviderDeps, model: string): void {
  const { name } = grant;
  if (model === '') throw new ProviderError('bad-request', `${name} has no model: set spec.model`, { provider: name });
  if (endpoint.family.needsKey && !endpoint.authorization)
    throw new ProviderError('unauthorized', `${name} has no key: set spec.credentialsSecretRef`, { provider: name });
}

interface Question {
  request: CompletionRequest;
  model: string;
  rung: Rung;
  options: CallOptions;
}

/** What came of an answer so far: characters of text and of thinking, and in how many pieces. */
interface Received {
  text: number;
  thinking: number;
  deltas: number;
  began: boolean;
}

async function completeOnce(
  deps: WireProviderDeps,
  client: WireClient,
  question: Question,
): Promise<{ completion: Completion; deltas: number }> {
  const { request, model, rung, options } = question;
  const received: Received = { text: 0, thinking: 0, deltas: 0, began: false };
  options.signal.throwIfAborted();
  options.onSent?.();
  const veil = new KeyVeil(deps.grant.apiKey);
  const progress = progressOptions(deps.grant.name, question, received, veil);
  const answer = await client.ask(request, { model, rung, options: progress }).catch((error: unknown): RawAnswer => {
    options.signal.throwIfAborted();
    // The prompt was read, and withheld from the model: an outcome like any other.
    if (!received.began && isContentFilter(error)) return { text: '', finish: 'filter' };
    const failure = translateError(error, contextOf(deps, received.began));
    throw received.began ? failure.withSpent(estimatedSpend(request, received)) : failure;
  });
  // SDKs end a stream quietly when it is aborted.
  options.signal.throwIfAborted();
  const rest = veil.rest();
  if (rest !== '') options.onDelta?.(rest);
  const shown = { ...answer, text: veil.hide(answer.text), model: answer.model && veil.hide(answer.model) };
  return { completion: await toCompletion(deps.grant.name, question, shown, received), deltas: received.deltas };
}

function progressOptions(
  provider: string,
  { request, options }: Question,
  received: Received,
  veil: KeyVeil,
): ProgressOptions {
  const limit = answerLimit(request.maxTokens);
  return {
    ...options,
    onActivity: (characters = 0) => {
      received.began = true;
      received.thinking += characters;
      options.onActivity?.(characters);
    },
    onDelta: (text) => {
      received.began = true;
      received.text += text.length;
      received.deltas += 1;
      if (received.text > limit) throw tooLong(provider, request, received);
      options.onActivity?.();
      const shown = veil.push(text);
      if (shown !== '') options.onDelta?.(shown);
    },
  };
}

const tooLong = (provider: string, request: CompletionRequest, received: Received): ProviderError =>
  new ProviderError('unusable', `${provider} does not stop answering: ${received.text} characters came`, {
    provider,
    isRetryable: false,
    spent: estimatedSpend(request, received),
  });

/** A stream that broke was paid for, and says no usage: an estimate is booked, and marked. */
const estimatedSpend = (request: CompletionRequest, { text, thinking }: Pick<Received, 'text' | 'thinking'>) =>
  estimatedCall(request, text + thinking);

function contextOf({ grant, endpoint, clock }: WireProviderDeps, answerBegan: boolean): CallContext {
  const secrets = grant.apiKey === undefined ? [] : [grant.apiKey];
  return { provider: grant.name, host: new URL(endpoint.baseURL).host, secrets, now: clock.now(), answerBegan };
}

async function toCompletion(
  provider: string,
  { request, model }: Question,
  answer: RawAnswer,
  { thinking }: Received,
): Promise<Completion> {
  const { text, finish, usage } = answer;
  const spent = usage ? { ...usage, calls: 1 } : estimatedSpend(request, { text: text.length, thinking });
  if (finish === 'broken' || (text.trim() === '' && (finish === 'stop' || finish === 'length')))
    throw new ProviderError('unusable', `${provider} ${unusableReason(answer)}`, {
      provider,
      spent,
      // The same limit would cut the same thinking off again.
      isRetryable: finish !== 'length',
    });
  const found = request.schema && finish === 'stop' ? await findJson(text) : undefined;
  return {
    text,
    ...(found ? { json: found.value } : {}),
    provider,
    model,
    ...(answer.model ? { answeredBy: clip(answer.model, 128) } : {}),
    inputTokens: spent.inputTokens,
    outputTokens: spent.outputTokens,
    finishReason: finish,
    usageEstimated: usage === undefined,
    rehearsal: false,
    spent,
  };
}

function unusableReason({ text, finish }: RawAnswer): string {
  if (finish === 'stop') return 'gave an empty answer';
  if (finish === 'length') return 'was cut off before its answer began: maxTokens went into thinking';
  return text === '' ? 'ended without an answer' : `broke off after ${text.length} characters of its answer`;
}
