import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CallOptions, CompletionRequest, Provider } from '../provider.ts';
import { ProviderError, type ProviderErrorKind } from '../provider-error.ts';
import { type Reply, startWireServer, type WireServer } from './wire-server.ts';

/** A turn that any provider can be asked for. */
export const aRequest = (more: Partial<CompletionRequest> = {}): CompletionRequest => ({
  system: 'You are the Critic.',
  messages: [{ role: 'user', content: 'Say what is wrong with a tide chart.' }],
  maxTokens: 64,
  purpose: {
    kind: 'turn',
    seat: 'critic',
    round: 1,
    directive: 'Plan a tide chart for a small harbour',
    feedback: [],
    maxTasks: 3,
    earlier: [],
  },
  ...more,
});

export const callOptions = (more: Partial<CallOptions> = {}): CallOptions => ({
  signal: new AbortController().signal,
  ...more,
});

/** What every provider keeps, whatever is behind it. */
export function describeProviderContract(name: string, make: () => Provider | Promise<Provider>): void {
  describe(`${name} keeps the contract of a provider`, () => {
    it('answers with text, and streams exactly that text', async () => {
      const provider = await make();
      const deltas: string[] = [];
      const answer = await provider.complete(aRequest(), callOptions({ onDelta: (text) => deltas.push(text) }));
      expect(answer.text).not.toBe('');
      expect(deltas.join('')).toBe(answer.text);
      expect(answer.provider).toBe(provider.name);
      expect(answer.model).not.toBe('');
    });

    it('counts what the call consumed', async () => {
      const answer = await (await make()).complete(aRequest(), callOptions());
      expect(answer.inputTokens).toBeGreaterThan(0);
      expect(answer.outputTokens).toBeGreaterThan(0);
      expect(answer.spent).toMatchObject({
        inputTokens: answer.inputTokens,
        outputTokens: answer.outputTokens,
        calls: 1,
      });
    });

    it('does not start when the caller has already given up, and ends with its reason', async () => {
      const reason = new Error('the person went away');
      const signal = AbortSignal.abort(reason);
      await expect((await make()).complete(aRequest(), { signal })).rejects.toBe(reason);
    });

    it('stops in the middle when the caller gives up', async () => {
      const controller = new AbortController();
      const reason = new Error('the person went away');
      const onDelta = () => controller.abort(reason);
      await expect((await make()).complete(aRequest(), { signal: controller.signal, onDelta })).rejects.toBe(reason);
    });

    it('can be probed without being asked anything', async () => {
      const provider = await make();
      const health = await provider.probe(new AbortController().signal);
      expect(health).toMatchObject({ name: provider.name, healthy: 'True' });
    });
  });
}

/** How one wire says what every provider must understand. */
export interface WireDialect {
  name: string;
  key: string;
  make(url: string): Provider;
  answer(text: string): Reply;
  answerWithoutUsage(text: string): Reply;
  cutOff(text: string): Reply;
  /** Absent where the wire has no word for it. */
  filtered?(text: string): Reply;
  refusal?(words: string): Reply;
  thinking(text: string): Reply;
  broken(text: string, after: Reply['after']): Reply;
  errorInStream: Reply;
  failures: Record<string, { reply: Reply; kind: ProviderErrorKind; retryable: boolean }>;
  models: Reply;
  /** A list of models in another shape. */
  badList?: Reply;
  /** Headers that carry the key. */
  keyHeader: string;
}

const html: Reply = {
  headers: { 'content-type': 'text/html' },
  chunks: ['<!doctype html><html><body>Please sign in to the hotel network</body></html>'],
};

/** What every provider over HTTP keeps, against a real server that misbehaves in every way that was seen. */
export function describeWire(dialect: WireDialect): void {
  describe(`${dialect.name} over HTTP`, () => {
    let server: WireServer;
    let provider: Provider;
    beforeAll(async () => {
      server = await startWireServer();
      provider = dialect.make(server.url);
    });
    afterAll(() => server.close());
    const ask = (reply: Reply, options = callOptions()) => {
      server.play(() => reply);
      return provider.complete(aRequest(), options);
    };
    const failureOf = async (reply: Reply): Promise<ProviderError> => {
      const error = await ask(reply).then(
        () => undefined,
        (thrown: unknown) => thrown,
      );
      if (!ProviderError.isInstance(error)) throw new Error(`expected a ProviderError, got ${String(error)}`);
      return error;
    };

    it('takes the tokens that the provider counted, cached ones included', async () => {
      const answer = await ask(dialect.answer('The readings have no source.'));
      expect(answer).toMatchObject({
        inputTokens: 21,
        outputTokens: 9,
        usageEstimated: false,
        finishReason: 'stop',
        rehearsal: false,
      });
    });

    it('estimates tokens where none were counted, and says so', async () => {
      const answer = await ask(dialect.answerWithoutUsage('x'.repeat(400)));
      expect(answer).toMatchObject({ outputTokens: 100, usageEstimated: true });
      expect(answer.inputTokens).toBeGreaterThan(5);
    });

    it('says that an answer was cut off', async () => {
      expect(await ask(dialect.cutOff('The readings'))).toMatchObject({ text: 'The readings', finishReason: 'length' });
    });

    it.runIf(dialect.refusal && dialect.filtered)(
      'takes a refusal and a filter for outcomes, not for errors',
      async () => {
        if (!dialect.refusal || !dialect.filtered) return;
        expect(await ask(dialect.refusal('I will not.'))).toMatchObject({
          text: 'I will not.',
          finishReason: 'refusal',
        });
        expect((await ask(dialect.filtered(''))).finishReason).toMatch(/filter|refusal/);
      },
    );

    it('passes over thinking and keep-alives, but counts them as progress', async () => {
      let activity = 0;
      const answer = await ask(dialect.thinking('It is unclear.'), callOptions({ onActivity: () => (activity += 1) }));
      expect(answer.text).toBe('It is unclear.');
      expect(activity).toBeGreaterThan(2);
    });

    it.each([
      ['ends without a reason', 'end'],
      ['is cut by the network', 'disconnect'],
    ] as const)('refuses an answer whose stream %s, and books what came', async (_name, after) => {
      const error = await failureOf(dialect.broken('Half of an ans', after));
      expect(error).toMatchObject({ kind: 'unusable', isRetryable: true });
      expect(error.spent.outputTokens).toBeGreaterThan(0);
    });

    it('refuses a stream that was cut before it began', async () => {
      expect(await failureOf(dialect.broken('', 'disconnect'))).toMatchObject({ isRetryable: true });
    });

    it('reports an error that comes within the stream', async () => {
      expect(await failureOf(dialect.errorInStream)).toMatchObject({ kind: 'overloaded', isRetryable: true });
    });

    it('refuses an empty answer, and one that is a web page', async () => {
      expect(await failureOf(dialect.answer(''))).toMatchObject({ kind: 'unusable', isRetryable: true });
      expect(await failureOf(dialect.answer(' \n '))).toMatchObject({ kind: 'unusable' });
      expect(await failureOf(html)).toMatchObject({ kind: 'unusable' });
    });

    it('does not try again where thinking used up the limit: it would again', async () => {
      expect(await failureOf(dialect.cutOff(''))).toMatchObject({ kind: 'unusable', isRetryable: false });
    });

    it.each(Object.entries(dialect.failures))(
      'knows what to do about %s',
      async (_name, { reply, kind, retryable }) => {
        expect(await failureOf(reply)).toMatchObject({ kind, isRetryable: retryable, provider: provider.name });
      },
    );

    it('asks exactly once: to try again is not its business', async () => {
      await failureOf({ status: 500, chunks: ['{}'] });
      expect(server.requests).toHaveLength(1);
    });

    it('says how long it should wait', async () => {
      const limited = Object.values(dialect.failures).find(({ kind }) => kind === 'rate-limited');
      expect(await failureOf({ ...limited?.reply, headers: { 'retry-after': '7' } })).toMatchObject({
        retryAfterMs: 7000,
      });
    });

    it('never shows the key, not even when the provider quotes it back', async () => {
      const quoting: Reply = {
        status: 401,
        chunks: [JSON.stringify({ error: { message: `Incorrect API key provided: ${dialect.key} \u001b[31m` } })],
      };
      const error = await failureOf(quoting);
      expect(`${error.message} ${JSON.stringify(error)} ${String(error.cause)}`).not.toContain(dialect.key);
      // biome-ignore lint/suspicious/noControlCharactersInRegex: this is what must not be there
      expect(error.message).not.toMatch(/[\u0000-\u001f]/);
      expect(error.cause).toBeUndefined();
    });

    it('sends the key in its header, and nothing about this machine', async () => {
      await ask(dialect.answer('Yes.'));
      const [{ headers }] = server.requests as [WireServer['requests'][number]];
      expect(String(headers[dialect.keyHeader])).toContain(dialect.key);
      expect(Object.keys(headers).filter((name) => name.startsWith('x-stainless'))).toEqual([]);
      expect(headers['user-agent']).toBe('dark-carnival');
    });

    it('follows no redirect, so no key goes elsewhere', async () => {
      const elsewhere = await startWireServer(() => dialect.answer('Gotcha.'));
      const error = await failureOf({ status: 307, headers: { location: `${elsewhere.url}/v1/messages` } });
      expect(error).toMatchObject({ kind: 'bad-request', isRetryable: false });
      expect(elsewhere.requests).toEqual([]);
      await elsewhere.close();
    });

    it('ends a call whose server says nothing more when the caller gives up', async () => {
      const controller = new AbortController();
      const reason = new Error('enough');
      const call = ask(dialect.broken('Some', 'hang'), {
        signal: controller.signal,
        onDelta: () => controller.abort(reason),
      });
      await expect(call).rejects.toBe(reason);
    });

    it('says that nobody is there', async () => {
      const gone = await startWireServer();
      const lost = dialect.make(gone.url);
      await gone.close();
      await expect(lost.complete(aRequest(), callOptions())).rejects.toMatchObject({
        kind: 'unreachable',
        isRetryable: true,
      });
      expect(await lost.probe(new AbortController().signal)).toMatchObject({ healthy: 'False', reason: 'Unreachable' });
    });

    it('finds out by the list of models whether it is well', async () => {
      const probe = (reply: Reply) => {
        server.play(() => reply);
        return provider.probe(new AbortController().signal);
      };
      expect(await probe(dialect.models)).toMatchObject({ healthy: 'True', reason: 'Healthy' });
      expect(server.requests).toMatchObject([{ method: 'GET', body: undefined }]);
      expect(await probe({ status: 401, chunks: ['{}'] })).toMatchObject({ healthy: 'False', reason: 'Unauthorized' });
      expect(await probe({ status: 500, chunks: ['oops'] })).toMatchObject({ healthy: 'False', reason: 'Overloaded' });
      expect(await probe(html)).toMatchObject({ healthy: 'False', reason: 'NotAnAPI' });
      expect(await probe(dialect.badList ?? { chunks: ['{"data": "what"}'] })).toMatchObject({
        healthy: 'False',
        reason: 'NotAnAPI',
      });
      expect(await probe({ chunks: ['{'] })).toMatchObject({ healthy: 'False', reason: 'NotAnAPI' });
    });
  });
}
