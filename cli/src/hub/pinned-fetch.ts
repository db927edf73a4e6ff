import { Readable } from 'node:stream';
import { createAgent, request } from '@dark-carnival/kube';
import { pinnedConnector } from '@dark-carnival/tls';

const NO_BODY: ReadonlySet<number> = new Set([204, 205, 304]);

/**
 * `fetch` as the hub's client uses it, to a server with exactly this certificate: the global one can trust authorities only. Redirects are errors.
 * @param fingerprint as `fingerprintOf` gives it.
 */
export function pinnedFetch(fingerprint: string): typeof fetch {
  const agent = createAgent({ connect: pinnedConnector(fingerprint), connections: 4, keepAliveTimeout: 1_000 });
  return async (input, { method = 'GET', headers, body, signal } = {}) => {
    const answer = await request(agent, String(input), {
      method: method as 'GET',
      headers: Object.fromEntries(new Headers(headers)),
      body: typeof body === 'string' ? body : null,
      signal: signal ?? null,
      // A stream may be silent for as long as nobody speaks.
      bodyTimeout: 0,
    });
    const { statusCode: status } = answer;
    if (status >= 300 && status < 400) {
      await answer.body.dump();
      throw new TypeError('it was redirected');
    }
    const shown = new Headers();
    for (const [name, value] of Object.entries(answer.headers)) if (value !== undefined) shown.set(name, String(value));
    if (NO_BODY.has(status)) {
      await answer.body.dump();
      return new Response(null, { status, headers: shown });
    }
    return new Response(Readable.toWeb(answer.body) as ReadableStream<Uint8Array>, { status, headers: shown });
  };
}
