/**
 * Gathers parts, in their order, into batches of `size` bytes (the last one shorter). All batches are one and the same memory, which grows with what
 * is there: each is to be done with before the next is asked for. Whoever stops asking leaves the rest of the parts unread.
 */
export function* byteBatches(parts: Iterable<Buffer>, size: number): Generator<Buffer, void, void> {
  let batch: Buffer = Buffer.alloc(0);
  let filled = 0;
  for (const part of parts) {
    for (let at = 0; at < part.length; ) {
      const wanted = filled + part.length - at;
      if (wanted > batch.length && batch.length < size) batch = grown(batch, filled, wanted, size);
      const copied = part.copy(batch, filled, at);
      filled += copied;
      at += copied;
      if (filled < size) continue;
      yield batch;
      filled = 0;
    }
  }
  if (filled > 0) yield batch.subarray(0, filled);
}

function grown(batch: Buffer, filled: number, wanted: number, size: number): Buffer {
  const larger = Buffer.allocUnsafeSlow(Math.min(size, Math.max(wanted, 2 * batch.length)));
  batch.copy(larger, 0, 0, filled);
  return larger;
}
