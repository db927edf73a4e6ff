import { checkPlan } from '@dark-carnival/crds';
import { systemClock } from '@dark-carnival/crds/clock';
import { afterAll, describe, expect, it } from 'vitest';
import { aRound } from '../../testing/assignments.ts';
import { createAnthropicProvider } from '../providers/anthropic.ts';
import { endpointOf } from '../providers/families.ts';
import { ConnectionPool } from '../providers/guarded-fetch.ts';
import { createLLMFactory } from '../providers/index.ts';
import { createOpenAIProvider } from '../providers/openai.ts';
import { describeProviderContract } from '../providers/testing/provider-conformance.ts';
import { holdRound } from './hold-round.ts';

const endpoint = process.env['SMALL_MODEL_URL'];
const apiKey = process.env['SMALL_MODEL_KEY'];
const TIMEOUT_MS = 180_000;

if (endpoint === undefined || apiKey === undefined) {
  describe('with a real model', () => {
    it('is not tried: SMALL_MODEL_URL and SMALL_MODEL_KEY are not set', ({ skip }) =>
      skip('no real model: set SMALL_MODEL_URL and SMALL_MODEL_KEY'));
  });
} else {
  const common = { endpoint, apiKey, probeIntervalSeconds: 300 } as const;
  const bridge = { ...common, name: 'bridge', type: 'Claudeson', wire: 'Anthropic', model: 'kimi-k2.6' } as const;
  const strict = { ...common, name: 'strict', type: 'OpenAICompatible', model: 'mistral-large' } as const;
  const pool = new ConnectionPool();
  afterAll(() => pool.close());
  const depsFor = (grant: typeof bridge | typeof strict) => {
    const place = endpointOf(grant);
    if (!place) throw new Error('the grant names no place');
    return { grant, endpoint: place, pool, clock: systemClock, refusedHosts: [] };
  };

  describe('with a real model', { timeout: TIMEOUT_MS }, () => {
    describeProviderContract('the Anthropic wire', () => createAnthropicProvider(depsFor(bridge)));
    describeProviderContract('the OpenAI wire', () => createOpenAIProvider(depsFor(strict)));

    it('a round comes to a valid plan: two seats on the Anthropic wire, the tactician on a strict schema', async () => {
      const quiet = () => undefined;
      const factory = createLLMFactory({
        clock: systemClock,
        random: Math.random,
        logger: { debug: quiet, info: quiet, warn: quiet },
      });
      factory.setProviders({ providers: [bridge, strict], digest: `sha256:${'0'.repeat(64)}` });
      const assignment = aRound({
        seats: {
          visionary: { providers: ['bridge'], maxTokens: 64 },
          critic: { providers: ['bridge'], maxTokens: 64 },
          tactician: { providers: ['strict'], maxTokens: 240 },
        },
        turnTimeoutSeconds: 150,
        maxTasks: 2,
      });
      const { signal } = new AbortController();
      const result = await holdRound(assignment, {
        signal,
        emit: quiet,
        ask: ({ chain, request, deadlineMs, onDelta, onStart }) =>
          factory.complete(chain, request, { signal, deadlineMs, onDelta, onStart }),
      });
      await factory.close();
      expect(result.failure).toBeUndefined();
      expect(checkPlan(result.plan, { maxTasks: 2 }).ok).toBe(true);
      expect(result.turns.map(({ outcome, provider }) => [outcome, provider])).toEqual([
        ['Answered', 'bridge'],
        ['Answered', 'bridge'],
        ['Answered', 'strict'],
      ]);
      for (const turn of result.turns) expect(turn.inputTokens).toBeGreaterThan(100);
    });
  });
}
