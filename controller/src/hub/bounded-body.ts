/**
 * Reads a body as UTF-8, up to a bound.
 * @throws RangeError beyond it; what the body throws when it breaks. Its request is ended in both cases.
 */
export async function readBounded(body: AsyncIterable<Uint8Array>, maxBytes: number): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.byteLength;
    if (bytes > maxBytes) throw new RangeError(`more than ${maxBytes} bytes`);
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}

/**
 * The pieces of a body. Who stops before its end ends the request by `abort` and never cancels the stream: that is safe whatever the stream was made from
 * (Node's own bridge from a Readable throws at nobody when it is cancelled while data waits, and the process dies).
 */
export async function* piecesOf(
  body: ReadableStream<Uint8Array>,
  abort: AbortController,
): AsyncGenerator<Uint8Array, void, undefined> {
  const reader = body.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield value;
    }
  } finally {
    abort.abort();
    reader.releaseLock();
  }
}
