import type { ProviderHealth } from '@dark-carnival/crds';
import { z } from 'zod';
import { createAnthropicProvider } from './anthropic.ts';
import { type Endpoint, endpointOf } from './families.ts';
import { createGuardedFetch } from './guarded-fetch.ts';
import { createOpenAIProvider } from './openai.ts';
import { listURL, probeFailure } from './probe-model-list.ts';
import type { CallOptions, Completion, CompletionRequest, Provider } from './provider.ts';
import { ProviderError } from './provider-error.ts';
import { translateError } from './translate-error.ts';
import { isNear, type WireProviderDeps } from './wire-provider.ts';

type BridgeWire = 'OpenAI' | 'Anthropic';

/** What a bridge's list of models shows: each wire marks its lists in a way of its own. */
const openAIList = z.object({ object: z.literal('list'), data: z.array(z.object({ id: z.string() })) });
const anthropicList = z.object({ data: z.array(z.object({ id: z.string(), type: z.literal('model') })) });
const bareList = z.object({ data: z.array(z.object({ id: z.string() })) });

/** The model that is asked for where nobody names one: most bridges answer with their one model whatever it is called. */
const ANY_MODEL = 'default';

/**
 * A local bridge (Claudeson): which wire it speaks is found out by asking it, without spending a token, and remembered. Where the bridge
 * lists models and `default` is not among them, its first one is asked for.
 */
export function createBridgeProvider(deps: Omit<WireProviderDeps, 'endpoint'>): Provider {
  return new Bridge(deps);
}

interface Found {
  provider: Provider;
  model: string;
}

class Bridge implements Provider {
  readonly #deps: Omit<WireProviderDeps, 'endpoint'>;
  #found: Found | undefined;
  #finding: Promise<Found> | undefined;

  constructor(deps: Omit<WireProviderDeps, 'endpoint'>) {
    this.#deps = deps;
  }

  get name() {
    return this.#deps.grant.name;
  }
  get type() {
    return this.#deps.grant.type;
  }
  get model() {
    return this.#found?.model ?? this.#deps.grant.model ?? ANY_MODEL;
  }
  get capabilities() {
    return this.#found?.provider.capabilities ?? [];
  }

  async complete(request: CompletionRequest, options: CallOptions): Promise<Completion> {
    options.signal.throwIfAborted();
    const { provider } = await this.#find(options.signal).catch((error: unknown) => {
      options.signal.throwIfAborted();
      throw this.#translated(error);
    });
    return provider.complete(request, options);
  }

  async probe(signal: AbortSignal): Promise<ProviderHealth> {
    try {
      const { provider } = await this.#find(signal);
      return await provider.probe(signal);
    } catch (error) {
      const { grant } = this.#deps;
      if (!ProviderError.isInstance(error)) return probeFailure(grant, error, signal);
      return { ...probeFailure(grant, error, signal), ...(error.kind === 'unusable' ? { reason: 'NoWire' } : {}) };
    }
  }

  /** Callers that come at once share one detection; one that gives up does not end it for the others. */
  async #find(signal: AbortSignal): Promise<Found> {
    if (this.#found) return this.#found;
    this.#finding ??= this.#detect().finally(() => {
      this.#finding = undefined;
    });
    this.#found = await untilAborted(this.#finding, signal);
    return this.#found;
  }

  async #detect(): Promise<Found> {
    const { clock } = this.#deps;
    const ending = new AbortController();
    const timer = clock.setTimeout(() => ending.abort(), DETECTION_MS);
    try {
      return await this.#detectWithin(ending.signal);
    } finally {
      clock.clearTimeout(timer);
    }
  }

  async #detectWithin(signal: AbortSignal): Promise<Found> {
    const endpoints = (['OpenAI', 'Anthropic'] as const).flatMap((wire) => {
      const endpoint = endpointOf(this.#deps.grant, wire);
      return endpoint ? [{ wire, endpoint }] : [];
    });
    const failures: unknown[] = [];
    for (const ask of [askList, askChat]) {
      for (const { wire, endpoint } of endpoints) {
        const guarded = createGuardedFetch({ ...this.#deps, provider: this.name, endpoint, isNear: isNear(this.type) });
        const ids = await ask(wire, endpoint, guarded, signal).catch((error: unknown) => {
          failures.push(error);
          return undefined;
        });
        if (ids) return this.#build(wire, endpoint, ids);
      }
    }
    throw failures[0] ?? this.#silent();
  }

  #build(wire: BridgeWire, endpoint: Endpoint, ids: readonly string[]): Found {
    const wanted = this.#deps.grant.model ?? ANY_MODEL;
    const model = wanted === ANY_MODEL && !ids.includes(wanted) ? (ids[0] ?? wanted) : wanted;
    const deps = { ...this.#deps, grant: { ...this.#deps.grant, wire, model }, endpoint };
    return { model, provider: wire === 'Anthropic' ? createAnthropicProvider(deps) : createOpenAIProvider(deps) };
  }

  #translated(error: unknown): ProviderError {
    const { grant, clock } = this.#deps;
    const host = grant.endpoint !== undefined && URL.canParse(grant.endpoint) ? new URL(grant.endpoint).host : '';
    const secrets = grant.apiKey === undefined ? [] : [grant.apiKey];
    return translateError(error, { provider: grant.name, host, secrets, now: clock.now(), answerBegan: false });
  }

  #silent(): ProviderError {
    const { name } = this.#deps.grant;
    return new ProviderError('unusable', `${name} speaks neither the OpenAI nor the Anthropic API`, { provider: name });
  }
}

const DETECTION_MS = 10_000;

/** The ids of a list that is this wire's, or nothing. A server that speaks both is asked on OpenAI's wire, where schemas are better kept. */
async function askList(wire: BridgeWire, endpoint: Endpoint, guarded: typeof fetch, signal: AbortSignal) {
  const response = await guarded(listURL(endpoint), {
    headers: { accept: 'application/json', ...VERSION[wire] },
    signal,
  });
  if (!response.ok) {
    await response.body?.cancel();
    return refuseUnlessMissing(response);
  }
  const body: unknown = await response.json();
  const isOther =
    wire === 'OpenAI' ? anthropicList.safeParse(body).success && !openAIList.safeParse(body).success : false;
  const list = wire === 'OpenAI' ? (isOther ? undefined : bareList.safeParse(body)) : anthropicList.safeParse(body);
  return list?.success ? list.data.data.map(({ id }) => id) : undefined;
}

/** A question without a message cannot be answered, so it costs nothing; whoever knows the route refuses it in the words of its wire. */
async function askChat(wire: BridgeWire, { baseURL }: Endpoint, guarded: typeof fetch, signal: AbortSignal) {
  const path = wire === 'OpenAI' ? '/chat/completions' : '/v1/messages';
  const response = await guarded(`${baseURL}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json', ...VERSION[wire] },
    body: JSON.stringify({ messages: [] }),
    signal,
  });
  await response.body?.cancel();
  const isKnown = response.ok || response.status === 400 || response.status === 422 || response.status === 500;
  return isKnown ? [] : refuseUnlessMissing(response);
}

/** A key that is refused is no sign of another wire. */
function refuseUnlessMissing({ status }: Response): undefined {
  if (status !== 401 && status !== 403) return undefined;
  throw new ProviderError('unauthorized', `the bridge refused the key (${status})`, { provider: '', status });
}

const VERSION: Record<BridgeWire, Record<string, string>> = {
  OpenAI: {},
  Anthropic: { 'anthropic-version': '2023-06-01' },
};

function untilAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}
