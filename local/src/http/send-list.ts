import type { ServerResponse } from 'node:http';
import type { Clock } from '@dark-carnival/crds/clock';
import type { StoredState } from '../store/stored-state.ts';
import { byteBatches } from './byte-batches.ts';
import type { ListEncoding } from './representation/representation.ts';
import { send } from './respond.ts';
import { written } from './written.ts';

/** What is read and encoded between two writes; other requests wait for so long. Bytes. */
const BATCH_BYTES = 128 * 1024;

/** The real server's `--request-timeout`: what a client has not taken by then it does not get. */
const TIMEOUT_MS = 60_000;

const COMMA = Buffer.from(',');

function* partsOf({ head, item, tail }: ListEncoding, states: Iterable<StoredState>): Generator<Buffer> {
  yield Buffer.from(head);
  let isFirst = true;
  for (const state of states) {
    if (!isFirst) yield COMMA;
    isFirst = false;
    yield* item(state);
  }
  yield Buffer.from(tail);
}

/**
 * Sends a list as fast as the client takes it, and reads it no faster: one batch is in memory, never the whole. A list that fits into one has a
 * Content-Length, a longer one is chunked. When reading fails midway, or the client takes longer than a minute, the connection is destroyed: a
 * chunked body without its end cannot be taken for a list.
 * @param states read until the client hangs up. @throws what reading throws
 */
export async function sendList(
  response: ServerResponse,
  contentType: string,
  encoding: ListEncoding,
  states: Iterable<StoredState>,
  clock: Clock,
): Promise<void> {
  const batches = byteBatches(partsOf(encoding, states), BATCH_BYTES);
  let next = batches.next();
  if (next.done || next.value.length < BATCH_BYTES) {
    send(response, 200, contentType, next.value ?? '');
    return;
  }
  response.writeHead(200, { 'Content-Type': contentType, 'Cache-Control': 'no-cache, private' });
  const deadline = clock.setTimeout(() => response.destroy(), TIMEOUT_MS);
  try {
    for (; !next.done; next = batches.next()) if (!(await written(response, next.value))) return;
    response.end();
  } finally {
    batches.return();
    clock.clearTimeout(deadline);
  }
}
