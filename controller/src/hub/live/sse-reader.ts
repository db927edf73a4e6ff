/** The longest event that is read: a whole turn, each of its characters escaped. What is longer breaks the stream. */
const MAX_EVENT_CHARS = 2 * 1024 * 1024;

/**
 * The data of each server-sent event in a body, in order; comments come as undefined, so that silence can be told from quiet.
 * @throws RangeError for an event without an end; what the body throws when it breaks.
 */
export async function* readSse(body: AsyncIterable<Uint8Array>): AsyncGenerator<string | undefined, void, undefined> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of body) {
    rest += decoder.decode(chunk, { stream: true }).replaceAll('\r', '');
    const blocks = rest.split('\n\n');
    rest = blocks.pop() ?? '';
    if (rest.length > MAX_EVENT_CHARS) throw new RangeError('an event is too long');
    for (const block of blocks) yield dataOf(block);
  }
}

function dataOf(block: string): string | undefined {
  const data = block
    .split('\n')
    .filter((line) => line.startsWith('data:'))
    .map((line) => line.slice(5).replace(/^ /, ''));
  return data.length === 0 ? undefined : data.join('\n');
}
