import type { IncomingMessage } from 'node:http';

/** An answer that was read to its end. */
export interface PostAnswer {
  status: number;
  retryAfter: string | undefined;
  body: string;
}

export interface Post {
  url: string;
  /** Of the certificate that the other side must have; absent: one that the system's authorities vouch for. */
  fingerprint: string | undefined;
  headers: Readonly<Record<string, string>>;
  body: string;
  /** Longest answer that is read. */
  maxBytes: number;
  signal: AbortSignal;
}

/**
 * One POST on a connection of its own; redirects are not followed. Not `fetch`, nor an `import` of node:http, whose exports include it: Node
 * then loads its HTTP client for browsers' APIs, 14 MB and 60 ms of CPU that a rehearsing wagon needs for nothing else.
 * @throws an error of the network, or of a body that is too long; PinMismatch, before anything is said, where another certificate is shown.
 */
export async function post({ url, fingerprint, headers, body, maxBytes, signal }: Post): Promise<PostAnswer> {
  const { request } = process.getBuiltinModule(url.startsWith('https:') ? 'node:https' : 'node:http');
  const connection = fingerprint === undefined ? { agent: false as const } : await pinned(url, fingerprint);
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    const length = String(Buffer.byteLength(body));
    const options = { method: 'POST', headers: { ...headers, 'content-length': length }, ...connection, signal };
    request(url, options, resolve).on('error', reject).end(body);
  });
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of answer as AsyncIterable<Uint8Array>) {
    size += chunk.byteLength;
    if (size > maxBytes) throw new Error(`the answer is longer than ${maxBytes} bytes`);
    chunks.push(chunk);
  }
  const text = Buffer.concat(chunks).toString('utf8');
  return { status: answer.statusCode ?? 0, retryAfter: answer.headers['retry-after'], body: text };
}

/** @throws RangeError for a URL without TLS, where nothing can be pinned. */
async function pinned(url: string, fingerprint: string) {
  if (!url.startsWith('https:'))
    throw new RangeError(`${new URL(url).origin} is not https: its certificate cannot be pinned`);
  const { pinnedCreateConnection } = await import('@dark-carnival/tls');
  return { createConnection: pinnedCreateConnection(fingerprint) };
}
