import type { ProviderGrant } from '@dark-carnival/crds';
import { systemClock } from '@dark-carnival/crds/clock';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createBridgeProvider } from './bridge.ts';
import { ConnectionPool } from './guarded-fetch.ts';
import { anthropicError, anthropicModelList, messageStream } from './testing/anthropic-fixtures.ts';
import { chatStream, modelList, openAIError } from './testing/openai-fixtures.ts';
import { aRequest, callOptions } from './testing/provider-conformance.ts';
import { type Script, startWireServer, type WireServer } from './testing/wire-server.ts';

const pool = new ConnectionPool();
afterAll(() => pool.close());
const { signal } = new AbortController();

describe('a local bridge', () => {
  let server: WireServer;
  beforeAll(async () => {
    server = await startWireServer();
  });
  afterAll(() => server.close());
  const bridge = (script: Script, more: Partial<ProviderGrant> = {}) => {
    server.play(script);
    const grant: ProviderGrant = {
      name: 'claudeson',
      type: 'Claudeson',
      endpoint: server.url,
      probeIntervalSeconds: 300,
      ...more,
    };
    return createBridgeProvider({ grant, pool, clock: systemClock, refusedHosts: [] });
  };
  const paths = () => server.requests.map(({ method, path }) => `${method} ${path.split('?')[0]}`);

  it('is known by its list: one of OpenAI, and its first model is asked for where none is named', async () => {
    const provider = bridge(({ method }) => (method === 'GET' ? modelList('sonnet', 'opus') : chatStream('Yes.')));
    expect(await provider.complete(aRequest(), callOptions())).toMatchObject({ text: 'Yes.', model: 'sonnet' });
    expect(paths()).toEqual(['GET /v1/models', 'POST /v1/chat/completions']);
    expect(provider.model).toBe('sonnet');
    await provider.complete(aRequest(), callOptions());
    expect(paths()).toHaveLength(3);
  });

  it('is known by its list: one of Anthropic', async () => {
    const provider = bridge(
      ({ method }) => (method === 'GET' ? anthropicModelList('claude-x') : messageStream('Yes.')),
      { model: 'mine' },
    );
    expect(await provider.complete(aRequest(), callOptions())).toMatchObject({ text: 'Yes.', model: 'mine' });
    expect(paths().at(-1)).toBe('POST /v1/messages');
  });

  it('is known by the route that refuses an empty question, where it has no list', async () => {
    const anthropicOnly: Script = ({ path, body }) => {
      if (path !== '/v1/messages') return { status: 404, chunks: ['{}'] };
      return body.messages.length === 0
        ? anthropicError(400, 'invalid_request_error', 'messages: at least one')
        : messageStream('Yes.');
    };
    expect(await bridge(anthropicOnly).complete(aRequest(), callOptions())).toMatchObject({
      text: 'Yes.',
      model: 'default',
    });
    const openAIOnly: Script = ({ path, body }) => {
      if (path !== '/v1/chat/completions') return { status: 404, chunks: ['{}'] };
      return body.messages.length === 0 ? openAIError(422, { message: 'messages is empty' }) : chatStream('Yes.');
    };
    expect(await bridge(openAIOnly).complete(aRequest(), callOptions())).toMatchObject({ text: 'Yes.' });
    expect(await bridge(openAIOnly).probe(signal)).toMatchObject({ healthy: 'Unknown', reason: 'NoModelList' });
  });

  it('is asked on the wire that the grant names, without being tried', async () => {
    const { createProvider } = await import('./create-provider.ts');
    server.play(() => messageStream('Yes.'));
    const grant = {
      name: 'c',
      type: 'Claudeson',
      wire: 'Anthropic',
      endpoint: server.url,
      model: 'm',
      probeIntervalSeconds: 300,
    } as const;
    const provider = createProvider(grant, { pool, clock: systemClock, refusedHosts: [] });
    await provider.complete(aRequest(), callOptions());
    expect(paths()).toEqual(['POST /v1/messages']);
  });

  it('that speaks neither wire says so, is tried again, and is found once it is up', async () => {
    let isUp = false;
    const provider = bridge(({ method }) => {
      if (!isUp) return { status: 404, chunks: ['nothing here'] };
      return method === 'GET' ? modelList('sonnet') : chatStream('Yes.');
    });
    expect(await provider.probe(signal)).toMatchObject({ healthy: 'False', reason: 'NoWire' });
    await expect(provider.complete(aRequest(), callOptions())).rejects.toMatchObject({ kind: 'unusable' });
    isUp = true;
    expect(await provider.probe(signal)).toMatchObject({ healthy: 'True', model: 'sonnet' });
  });

  it('that is not there is unreachable; one that shows a web page is no API', async () => {
    const gone = await startWireServer();
    await gone.close();
    const lost = bridge(() => ({}), { endpoint: gone.url });
    expect(await lost.probe(signal)).toMatchObject({ healthy: 'False', reason: 'Unreachable' });
    await expect(lost.complete(aRequest(), callOptions())).rejects.toMatchObject({ kind: 'unreachable' });
    const page = bridge(() => ({ headers: { 'content-type': 'text/html' }, chunks: ['<html>'] }));
    expect(await page.probe(signal)).toMatchObject({ healthy: 'False' });
  });

  it('that refuses its key says so', async () => {
    const provider = bridge(() => openAIError(401, { message: 'no' }), { apiKey: 'sk-bridge-1' });
    expect(await provider.probe(signal)).toMatchObject({ healthy: 'False', reason: 'Unauthorized' });
  });

  it('ends its search when the caller gives up', async () => {
    const controller = new AbortController();
    const reason = new Error('enough');
    const call = bridge(() => ({ after: 'hang' })).complete(aRequest(), callOptions({ signal: controller.signal }));
    setImmediate(() => controller.abort(reason));
    await expect(call).rejects.toBe(reason);
  });
});
