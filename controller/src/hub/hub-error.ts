import type { ErrorBody } from '@dark-carnival/crds';
import { ApiError, TransportError } from '@dark-carnival/kube';

/** A refusal that goes to the caller as it is: one clear line that says what to do. */
export class HubError extends Error {
  override readonly name = 'HubError';
  readonly status: number;
  /** For machines, in CamelCase. */
  readonly code: string;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, code: string, message: string, headers: Readonly<Record<string, string>> = {}) {
    super(message);
    this.status = status;
    this.code = code;
    this.headers = headers;
  }

  get body(): ErrorBody {
    return { error: { code: this.code, message: this.message } };
  }
}

export const badRequest = (message: string): HubError => new HubError(400, 'BadRequest', message);
export const notFound = (message: string): HubError => new HubError(404, 'NotFound', message);

/** The same request may succeed after `seconds`. */
export const unavailable = (code: string, message: string, seconds = 2): HubError =>
  new HubError(503, code, message, { 'retry-after': String(seconds) });

/** A wagon that cannot be asked. */
export const wagonUnreachable = (wagon: string, message: string): HubError =>
  new HubError(502, 'WagonUnreachable', `wagon ${wagon} does not answer: ${message}`);

/** What Fastify says about a body that is too large, no JSON, of another type. Its words are fit for people. */
function refusalOf(error: unknown): { status: number; message: string } | undefined {
  if (!(error instanceof Error) || !('statusCode' in error)) return undefined;
  const { statusCode: status, message } = error;
  return typeof status === 'number' && status >= 400 && status < 500 ? { status, message } : undefined;
}

const REFUSAL_CODES: Readonly<Record<number, string>> = {
  400: 'BadRequest',
  413: 'TooLarge',
  415: 'UnsupportedMediaType',
};

/**
 * Any error as the answer to a request. Total: what nobody foresaw becomes a 500 without its text, which may hold what the caller must not see.
 */
export function toHubError(error: unknown): HubError {
  if (error instanceof HubError) return error;
  if (error instanceof ApiError) return fromApiError(error);
  if (error instanceof TransportError) {
    return unavailable('ApiUnreachable', 'the Kubernetes API does not answer: try again shortly');
  }
  const refusal = refusalOf(error);
  if (refusal) return new HubError(refusal.status, REFUSAL_CODES[refusal.status] ?? 'BadRequest', refusal.message);
  return new HubError(500, 'Internal', 'the hub failed; its log says why');
}

/** The API server's own words, with its own code: it knows best why it refused. */
function fromApiError(error: ApiError): HubError {
  if (error.code >= 500) {
    return unavailable('ApiUnavailable', `the Kubernetes API answered ${error.code}: try again shortly`);
  }
  const wait = error.retryAfterSeconds;
  return new HubError(
    error.code,
    error.reason,
    error.message,
    wait === undefined ? {} : { 'retry-after': String(wait) },
  );
}
