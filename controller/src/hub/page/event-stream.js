import { HubRefusal, openEvents } from './hub-api.js';

/**
 * Splits a stream of server-sent events into messages, however it was cut into chunks.
 *
 * @param {ReadableStream<Uint8Array>} body
 */
export async function* readMessages(body) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      const blocks = (rest + value).split('\n\n');
      rest = blocks.pop() ?? '';
      for (const block of blocks) yield parseBlock(block);
    }
  } finally {
    reader.cancel().catch(() => {});
  }
}

function parseBlock(block) {
  const message = { event: '', id: '', data: undefined };
  for (const line of block.split('\n')) {
    const colon = line.indexOf(':');
    if (colon <= 0) continue;
    const value = line.slice(colon + 1).replace(/^ /, '');
    if (line.startsWith('data')) message.data = JSON.parse(value);
    else if (line.startsWith('event')) message.event = value;
    else if (line.startsWith('id')) message.id = value;
  }
  return message;
}

const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 8_000;
/** Answers that the same request will get again. */
const FINAL = new Set([401, 403, 404]);

/**
 * Follows a route of events over every break, until stopped.
 *
 * @param {string} path
 * @param {{ onOpen?: () => void, onMessage: (message: { event: string, id: string, data: any }) => void, onLost?: (error: unknown) => void, resume?: boolean }} handlers
 *   `resume` sends the last id seen, so that nothing is told twice.
 * @returns {() => void} stops it
 */
export function follow(path, handlers) {
  const stopping = new AbortController();
  const state = { lastId: '', wait: FIRST_WAIT_MS };
  const run = async () => {
    while (!stopping.signal.aborted) {
      const error = await readOnce(path, handlers, state, stopping.signal);
      if (stopping.signal.aborted) return;
      handlers.onLost?.(error);
      if (error instanceof HubRefusal && FINAL.has(error.status)) return;
      await new Promise((resolve) => setTimeout(resolve, state.wait * (0.75 + Math.random() / 2)));
      state.wait = Math.min(LONGEST_WAIT_MS, state.wait * 2);
    }
  };
  run();
  return () => stopping.abort();
}

/** One connection, from its opening to its end. @returns why it broke; undefined where the hub ended it. */
async function readOnce(path, { onOpen, onMessage, resume = false }, state, signal) {
  try {
    const after = resume && state.lastId !== '' ? `?after=${encodeURIComponent(state.lastId)}` : '';
    const body = await openEvents(`${path}${after}`, signal);
    onOpen?.();
    for await (const message of readMessages(body)) {
      if (signal.aborted) return undefined;
      state.wait = FIRST_WAIT_MS;
      if (message.id !== '') state.lastId = message.id;
      onMessage(message);
    }
    return undefined;
  } catch (error) {
    return error;
  }
}
