import type { ProviderChain, ProviderGrant } from '@dark-carnival/crds';
import { afterAll, afterEach, beforeEach, expect } from 'vitest';
import { createLLMFactory } from '../create-llm-factory.ts';
import type { ChainCallOptions, LLMFactory } from '../llm-factory.ts';
import { ProviderError } from '../provider-error.ts';
import { chatStream } from './openai-fixtures.ts';
import { aRequest } from './provider-conformance.ts';
import { SkippingClock } from './skipping-clock.ts';
import { type Reply, startWireServer, type WireServer } from './wire-server.ts';

// A factory with two providers, each at a real server of its own; made anew for each test of the file that imports this.

const KEYS = ['sk-first-0123456789', 'sk-second-9876543210'] as const;
export const DIGEST = `sha256:${'0'.repeat(64)}`;
export const logged: string[] = [];
export const note = (fields: object, message: string) => logged.push(JSON.stringify({ ...fields, message }));

export let clock: SkippingClock;
export let factory: LLMFactory;
export let first: WireServer;
export let second: WireServer;

export const grant = (name: string, server: WireServer, more: Partial<ProviderGrant> = {}): ProviderGrant => ({
  name,
  type: 'OpenAICompatible',
  endpoint: `${server.url}/v1`,
  model: `${name}-model`,
  apiKey: name === 'first' ? KEYS[0] : KEYS[1],
  probeIntervalSeconds: 300,
  ...more,
});
export const grantBoth = (more: Partial<ProviderGrant> = {}) =>
  factory.setProviders({ providers: [grant('first', first, more), grant('second', second)], digest: DIGEST });
export const chain = (...providers: string[]): ProviderChain => ({ providers, maxTokens: 64 });
export const ask = (names: string[], more: Partial<ChainCallOptions> = {}) =>
  factory.complete(chain(...names), aRequest(), { signal: new AbortController().signal, deadlineMs: 10_000, ...more });
export const failureOf = async (call: Promise<unknown>): Promise<ProviderError> => {
  const error = await call.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!ProviderError.isInstance(error)) throw new Error(`expected a ProviderError, got ${String(error)}`);
  return error;
};
export const always = (reply: Reply) => () => reply;
export const well = (text: string) => always(chatStream(text));

beforeEach(async () => {
  clock = new SkippingClock();
  // Jitter of nothing: what is waited for here is what a provider asks for.
  factory = createLLMFactory({
    clock,
    random: () => 0,
    logger: { debug: note, info: note, warn: note },
    refusedHosts: ['127.0.0.1:6443'],
  });
  [first, second] = await Promise.all([startWireServer(), startWireServer()]);
  grantBoth();
});
afterEach(async () => {
  await Promise.all([first.close(), second.close(), factory.close()]);
});
afterAll(() => {
  for (const key of KEYS) expect(logged.join('\n')).not.toContain(key);
});
