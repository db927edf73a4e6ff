import { systemClock } from '@dark-carnival/crds/clock';
import { describe, expect, it } from 'vitest';
import { createLLMFactory } from './create-llm-factory.ts';
import {
  always,
  ask,
  chain,
  DIGEST,
  factory,
  failureOf,
  first,
  grant,
  grantBoth,
  second,
  well,
} from './testing/factory-bench.ts';
import { chatStream, openAIError } from './testing/openai-fixtures.ts';
import { aRequest } from './testing/provider-conformance.ts';
import { startWireServer } from './testing/wire-server.ts';

const reason = new Error('the person went away');
const until = async (is: () => boolean) => {
  while (!is()) await new Promise((resolve) => setTimeout(resolve, 2));
};

describe('a caller who gives up', () => {
  it('is let go at once where the whole chain rests, and nobody is asked', async () => {
    first.play(always({ ...openAIError(429, {}), headers: { 'retry-after': '30' } }));
    await failureOf(ask(['first'], { deadlineMs: 20_000 }));
    const asked = first.requests.length;
    // The clock of the bench skips waits: this one must be real.
    const patient = createLLMFactory({
      clock: systemClock,
      random: () => 0,
      logger: { debug() {}, info() {}, warn() {} },
    });
    patient.setProviders({ providers: [grant('first', first)], digest: DIGEST });
    const once = patient.complete(chain('first'), aRequest(), {
      signal: new AbortController().signal,
      deadlineMs: 20_000,
    });
    await failureOf(once);
    const controller = new AbortController();
    const call = patient.complete(chain('first'), aRequest(), { signal: controller.signal, deadlineMs: 60_000 });
    setTimeout(() => controller.abort(reason), 50);
    await expect(call).rejects.toBe(reason);
    expect(first.requests.length).toBe(asked + 1);
    await patient.close();
  });

  it('is let go at once where it waits for a place, and takes none', async () => {
    grantBoth({ limits: { concurrency: 1 } });
    first.play((_request, number) => (number === 1 ? { after: 'hang' } : chatStream('Next.')));
    const holding = new AbortController();
    const held = ask(['first'], { signal: holding.signal });
    await until(() => first.requests.length === 1);
    const waiting = new AbortController();
    const call = ask(['first'], { signal: waiting.signal });
    waiting.abort(reason);
    await expect(call).rejects.toBe(reason);
    holding.abort(reason);
    await expect(held).rejects.toBe(reason);
    expect((await ask(['first'])).text).toBe('Next.');
  });

  it('is let go where an Ollama is still asked which model was pulled last, and a bridge what it speaks', async () => {
    const silent = await startWireServer(() => ({ after: 'hang' }));
    const at = { endpoint: silent.url, probeIntervalSeconds: 300 };
    for (const type of ['Ollama', 'Claudeson'] as const) {
      factory.setProviders({
        providers: [{ name: 'near', type, ...at, ...(type === 'Claudeson' ? { model: 'm' } : {}) }],
        digest: DIGEST,
      });
      const before = silent.requests.length;
      const controller = new AbortController();
      const call = ask(['near'], { signal: controller.signal, deadlineMs: 60_000 });
      await until(() => silent.requests.length > before);
      controller.abort(reason);
      await expect(call).rejects.toBe(reason);
    }
    await silent.close();
  });
});

describe('an answer that never comes to an end', () => {
  it('does not live on signs of life that say nothing: comments and blank lines are no progress', async () => {
    grantBoth({ limits: { firstTokenSeconds: 1 } });
    const keptAlive = Array.from({ length: 400 }, () => ': keep-alive\n\n');
    first.play(
      always({ headers: { 'content-type': 'text/event-stream' }, chunks: keptAlive, pauseMs: 25, after: 'hang' }),
    );
    second.play(well('In time.'));
    const before = performance.now();
    expect((await ask(['first', 'second'], { deadlineMs: 60_000 })).provider).toBe('second');
    expect(performance.now() - before).toBeLessThan(8000);
  });
});
