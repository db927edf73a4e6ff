import { errorBodySchema, type JoinAnswer, type JoinRequest, joinAnswerSchema } from '@dark-carnival/crds';
import { type PostAnswer, post } from '../lease/post.ts';

/** What came of asking to join. `message` is one line for people, and holds no secret. */
export type JoinOutcome =
  | { outcome: 'joined'; answer: JoinAnswer }
  /** Asking the same again is refused again. */
  | { outcome: 'refused'; message: string }
  /** Nobody answered with sense: down, starting, too busy. */
  | { outcome: 'unreachable'; message: string; retryAfterMs: number };

export interface JoinAddress {
  /** Base URL of the hub. */
  url: string;
  fingerprint: string | undefined;
}

const MAX_ANSWER = 65_536;
const TIMEOUT_MS = 15_000;
const MAX_RETRY_AFTER_SECONDS = 60;

/** `POST /api/nodes/join`, once. Never rejects. */
export async function requestJoin({ url, fingerprint }: JoinAddress, request: JoinRequest): Promise<JoinOutcome> {
  try {
    const answer = await post({
      url: `${url}/api/nodes/join`,
      fingerprint,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(request),
      maxBytes: MAX_ANSWER,
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    return judge(answer);
  } catch (error) {
    return failure(error);
  }
}

function judge({ status, retryAfter, body }: PostAnswer): JoinOutcome {
  if (status === 200 || status === 201) {
    const answer = joinAnswerSchema.safeParse(parseJson(body));
    if (answer.success) return { outcome: 'joined', answer: answer.data };
    return { outcome: 'refused', message: 'what answers there is no Ringmaster' };
  }
  const error = errorBodySchema.safeParse(parseJson(body));
  const message = error.success ? error.data.error.message.slice(0, 500) : `it answered ${status}`;
  if (status >= 500 || status === 408 || status === 429) {
    const seconds = Math.min(Math.max(Number(retryAfter ?? 0) || 0, 0), MAX_RETRY_AFTER_SECONDS);
    return { outcome: 'unreachable', message, retryAfterMs: seconds * 1000 };
  }
  return { outcome: 'refused', message };
}

/** Whoever shows another certificate is not the hub: waiting makes nobody the hub. */
function failure(error: unknown): JoinOutcome {
  const { code, message, cause } = error as { code?: unknown; message?: string; cause?: { message?: string } };
  if (code === 'ERR_TLS_PIN_MISMATCH') {
    return { outcome: 'refused', message: `${message}; is there a new hub? Make a new join token there` };
  }
  return { outcome: 'unreachable', message: cause?.message || message || String(error), retryAfterMs: 0 };
}

function parseJson(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
