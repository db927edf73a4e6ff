import { errorBodySchema, type Heartbeat, type HeartbeatAnswer, heartbeatAnswerSchema } from '@dark-carnival/crds';

/** What came of a heartbeat. `message` is one line for people and holds no token. */
export type HeartbeatOutcome =
  | { outcome: 'renewed'; answer: HeartbeatAnswer }
  /** The ringmaster is there and says no: wrong token, or another wagon has this name. Trying again helps once a person has acted. */
  | { outcome: 'refused'; status: number; message: string }
  /** No answer that makes sense: down, starting, or something else on that port. */
  | { outcome: 'unreachable'; message: string; retryAfterMs?: number };

/** The wagon's side of `POST /api/nodes/register`. */
export interface Ringmaster {
  /** Never rejects. */
  register(heartbeat: Heartbeat, signal: AbortSignal): Promise<HeartbeatOutcome>;
}

/** Longest answer that is read, in bytes. */
const MAX_ANSWER = 65_536;
const MAX_RETRY_AFTER_SECONDS = 60;

/** Talks to the hub over HTTP. Redirects are not followed: the token goes where it was meant to go, or nowhere. */
export class HttpRingmaster implements Ringmaster {
  readonly #url: string;
  readonly #token: string;

  /** @param namespace where the Wagon object is: a hub looks in its own where none is named. */
  constructor(baseUrl: string, token: string, namespace: string) {
    this.#url = `${baseUrl}/api/nodes/register?namespace=${encodeURIComponent(namespace)}`;
    this.#token = token;
  }

  async register(heartbeat: Heartbeat, signal: AbortSignal): Promise<HeartbeatOutcome> {
    try {
      const response = await fetch(this.#url, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${this.#token}` },
        body: JSON.stringify(heartbeat),
        redirect: 'error',
        signal,
      });
      return judge(response.status, response.headers.get('retry-after'), await readBounded(response));
    } catch (error) {
      return { outcome: 'unreachable', message: reasonOf(error) };
    }
  }
}

function judge(status: number, retryAfter: string | null, body: string): HeartbeatOutcome {
  if (status === 200) {
    const answer = heartbeatAnswerSchema.safeParse(parseJson(body));
    if (answer.success) return { outcome: 'renewed', answer: answer.data };
    return { outcome: 'unreachable', message: 'what answers there is no ringmaster' };
  }
  const error = errorBodySchema.safeParse(parseJson(body));
  const message = error.success ? error.data.error.message.slice(0, 500) : `answered ${status}`;
  if (status >= 400 && status < 500 && status !== 408 && status !== 429) return { outcome: 'refused', status, message };
  const seconds = Number(retryAfter ?? Number.NaN);
  if (!(seconds >= 0)) return { outcome: 'unreachable', message };
  return { outcome: 'unreachable', message, retryAfterMs: Math.min(seconds, MAX_RETRY_AFTER_SECONDS) * 1000 };
}

async function readBounded(response: Response): Promise<string> {
  if (response.body === null) return '';
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body) {
    size += chunk.byteLength;
    if (size > MAX_ANSWER) throw new Error('the answer is too long to be one of a ringmaster');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function parseJson(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

/** fetch hides the reason (ECONNREFUSED, a timeout) one level down. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  return cause instanceof Error && cause.message !== '' ? cause.message : error.message;
}
