import { errorBodySchema, type Heartbeat, type HeartbeatAnswer, heartbeatAnswerSchema } from '@dark-carnival/crds';
import { type PostAnswer, post } from './post.ts';

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
  readonly #fingerprint: string | undefined;
  readonly #token: string;

  /**
   * @param namespace where the Wagon object is: a hub looks in its own where none is named.
   * @param fingerprint of the hub's certificate: nobody else is told anything.
   */
  constructor(baseUrl: string, token: string, namespace: string, fingerprint?: string) {
    this.#fingerprint = fingerprint;
    this.#url = `${baseUrl}/api/nodes/register?namespace=${encodeURIComponent(namespace)}`;
    this.#token = token;
  }

  async register(heartbeat: Heartbeat, signal: AbortSignal): Promise<HeartbeatOutcome> {
    try {
      const answer = await post({
        url: this.#url,
        fingerprint: this.#fingerprint,
        headers: { 'content-type': 'application/json', authorization: `Bearer ${this.#token}` },
        body: JSON.stringify(heartbeat),
        maxBytes: MAX_ANSWER,
        signal,
      });
      return judge(answer);
    } catch (error) {
      return { outcome: 'unreachable', message: reasonOf(error) };
    }
  }
}

function judge({ status, retryAfter, body }: PostAnswer): HeartbeatOutcome {
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

function parseJson(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

/** An aborted request hides the reason (a deadline) one level down. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  return cause instanceof Error && cause.message !== '' ? cause.message : error.message;
}
