/** One message of a stream of server-sent events. */
export interface SseMessage {
  /** Name; `message` where the sender gives none. */
  event: string;
  /** The last id seen, also from a message before: where to resume. */
  id: string | undefined;
  data: string;
}

/** A message is at most this long; a sender that goes on is not ours. */
const MAX_MESSAGE = 1024 * 1024;

/**
 * Parses a stream of server-sent events, however it was cut into chunks. Comments and unknown fields are passed over; a message that the end cuts
 * off is dropped, as the standard says.
 * @throws RangeError for a message without end.
 */
export async function* parseSse(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<SseMessage, void, undefined> {
  let id: string | undefined;
  let event = '';
  let data: string[] = [];
  for await (const line of linesOf(chunks)) {
    if (line === '') {
      if (data.length > 0) yield { event: event || 'message', id, data: data.join('\n') };
      event = '';
      data = [];
      continue;
    }
    const [field, value] = splitField(line);
    if (field === 'data') data.push(value);
    else if (field === 'event') event = value;
    else if (field === 'id' && !value.includes('\0')) id = value;
  }
}

function splitField(line: string): [string, string] {
  const colon = line.indexOf(':');
  if (colon === -1) return [line, ''];
  const value = line.slice(colon + 1);
  return [line.slice(0, colon), value.startsWith(' ') ? value.slice(1) : value];
}

/** Lines, with the empty ones, ended by LF, CRLF or CR. */
async function* linesOf(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string, void, undefined> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of chunks) {
    rest += decoder.decode(chunk, { stream: true });
    // A CR at the end may be half of a CRLF.
    const parts = rest.split(/\r\n|\n|\r(?!$)/);
    rest = parts.pop() ?? '';
    if (rest.length > MAX_MESSAGE) throw new RangeError('the hub sent a line without end');
    yield* parts;
  }
}
