import type { ProviderGrant } from '@dark-carnival/crds';
import type { Clock } from '@dark-carnival/crds/clock';
import { AnswerLadder, type Rung } from './answer-ladder.ts';
import { findJson } from './extract-json.ts';
import type { Endpoint } from './families.ts';
import { type ConnectionPool, createGuardedFetch } from './guarded-fetch.ts';
import { probeModelList } from './probe-model-list.ts';
import type { CallOptions, Completion, CompletionRequest, FinishReason, Provider, TokenCount } from './provider.ts';
import { ProviderError } from './provider-error.ts';
import { estimateTokens, promptText } from './token-estimate.ts';
import { type CallContext, translateError } from './translate-error.ts';

/** An answer as it came over a wire. */
export interface RawAnswer {
  text: string;
  /** `broken`: the stream ended without saying why. */
  finish: FinishReason | 'broken';
  usage?: TokenCount;
}

/** What differs between the wires: how a question is put and how its answer is read. */
export interface WireClient {
  /** Asks once. May throw anything; it is translated. */
  ask(request: CompletionRequest, how: { model: string; rung: Rung; options: ProgressOptions }): Promise<RawAnswer>;
}
export type ProgressOptions = CallOptions & { onDelta: (text: string) => void; onActivity: () => void };

/** What a provider over HTTP is made of. */
export interface WireProviderDeps {
  grant: ProviderGrant;
  endpoint: Endpoint;
  pool: ConnectionPool;
  clock: Clock;
  refusedHosts: readonly string[];
}

/** No answer to a bounded question is longer, in UTF-16 units; an endpoint that never stops is cut off here. */
const MAX_ANSWER = 4_000_000;

/** Builds a provider around a wire: ladder of answer formats, translation of errors, counting, probe. */
export function createWireProvider(
  deps: WireProviderDeps,
  connect: (guarded: typeof fetch) => Promise<WireClient>,
): Provider {
  const { grant, endpoint } = deps;
  const { name, type, model: ownModel = '' } = grant;
  const guarded = createGuardedFetch({ provider: name, endpoint, pool: deps.pool, refusedHosts: deps.refusedHosts });
  const ladder = new AnswerLadder(endpoint.wire, endpoint.family.firstRung);
  // SDKs cost memory: they are loaded with the first call, and once.
  let client: Promise<WireClient> | undefined;

  const askOnce = async (request: CompletionRequest, model: string, rung: Rung, options: CallOptions) => {
    client ??= connect(guarded);
    return completeOnce(deps, await client, { request, model, rung, options });
  };
  return {
    name,
    type,
    model: ownModel,
    async complete(request, options) {
      const model = options.model ?? ownModel;
      refuseUnaskable(deps, model);
      if (!request.schema) return askOnce(request, model, 'text', options);
      return ladder.descend(model, (rung) => askOnce(request, model, rung, options));
    },
    probe: (signal) => probeModelList({ grant, endpoint, fetch: guarded, signal }),
  };
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

async function completeOnce(deps: WireProviderDeps, client: WireClient, question: Question): Promise<Completion> {
  const { request, model, rung, options } = question;
  const received = { length: 0 };
  const progress: ProgressOptions = {
    ...options,
    onActivity: () => options.onActivity?.(),
    onDelta: (text) => {
      received.length += text.length;
      if (received.length > MAX_ANSWER) throw tooLong(deps.grant.name, request, received.length);
      options.onActivity?.();
      options.onDelta?.(text);
    },
  };
  options.signal.throwIfAborted();
  const answer = await client.ask(request, { model, rung, options: progress }).catch((error: unknown) => {
    options.signal.throwIfAborted();
    const failure = translateError(error, contextOf(deps, received.length > 0));
    throw received.length > 0 ? withSpend(failure, request, received.length) : failure;
  });
  // SDKs end a stream quietly when it is aborted.
  options.signal.throwIfAborted();
  return toCompletion(deps.grant.name, question, answer);
}

const tooLong = (provider: string, request: CompletionRequest, length: number): ProviderError =>
  withSpend(
    new ProviderError('unusable', `${provider} does not stop answering: ${length} characters came`, {
      provider,
      isRetryable: false,
    }),
    request,
    length,
  );

/** A stream that broke was paid for, and says no usage: an estimate is booked. */
function withSpend(failure: ProviderError, request: CompletionRequest, received: number): ProviderError {
  return new ProviderError(failure.kind, failure.message, {
    provider: failure.provider,
    isRetryable: failure.isRetryable,
    ...(failure.status === undefined ? {} : { status: failure.status }),
    ...(failure.retryAfterMs === undefined ? {} : { retryAfterMs: failure.retryAfterMs }),
    spent: {
      inputTokens: estimateTokens(promptText(request)),
      outputTokens: Math.ceil(received / 4),
      calls: 1,
    },
  });
}

function contextOf({ grant, endpoint, clock }: WireProviderDeps, answerBegan: boolean): CallContext {
  const secrets = grant.apiKey === undefined ? [] : [grant.apiKey];
  return { provider: grant.name, host: new URL(endpoint.baseURL).host, secrets, now: clock.now(), answerBegan };
}

async function toCompletion(provider: string, question: Question, answer: RawAnswer): Promise<Completion> {
  const { request, model } = question;
  const { text, finish } = answer;
  const usage = answer.usage ?? {
    inputTokens: estimateTokens(promptText(request)),
    outputTokens: estimateTokens(text),
  };
  const spent = { ...usage, calls: 1 };
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
    ...usage,
    finishReason: finish,
    usageEstimated: answer.usage === undefined,
    rehearsal: false,
    spent,
  };
}

function unusableReason({ text, finish }: RawAnswer): string {
  if (finish === 'stop') return 'gave an empty answer';
  if (finish === 'length') return 'was cut off before its answer began: maxTokens went into thinking';
  return text === '' ? 'ended without an answer' : `broke off after ${text.length} characters of its answer`;
}
