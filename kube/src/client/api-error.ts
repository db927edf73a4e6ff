import { parseRetryAfter } from '../transport/retry-after.ts';
import type { KubeRequest } from '../transport/transport.ts';

/** One cause of an Invalid status: which field, and what about it. */
export interface StatusCause {
  reason?: string;
  message?: string;
  field?: string;
}

/** metav1.Status: how the API server says no. */
export interface Status {
  apiVersion: 'v1';
  kind: 'Status';
  status: 'Success' | 'Failure';
  message: string;
  reason: string;
  code: number;
  metadata?: { continue?: string };
  details?: { name?: string; kind?: string; uid?: string; causes?: StatusCause[]; retryAfterSeconds?: number };
}

/** The API server refused, or answered what is no Kubernetes answer. `message` is fit for people. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly status: Status;
  /** What was asked, e.g. `PATCH /api/v1/…`, without its query. */
  readonly request: string;
  /** How long the server asks to wait, from Retry-After or the Status; 0 to 120. */
  readonly retryAfterSeconds: number | undefined;

  constructor(status: Status, request: string, retryAfterSeconds?: number) {
    super(status.message);
    this.status = status;
    this.request = request;
    this.retryAfterSeconds = retryAfterSeconds ?? status.details?.retryAfterSeconds;
  }

  get code(): number {
    return this.status.code;
  }

  get reason(): string {
    return this.status.reason;
  }

  /** A 409 that is not AlreadyExists: somebody else wrote first. */
  get isConflict(): boolean {
    return this.code === 409 && this.reason !== 'AlreadyExists';
  }

  get isAlreadyExists(): boolean {
    return this.code === 409 && this.reason === 'AlreadyExists';
  }

  get isNotFound(): boolean {
    return this.code === 404;
  }

  /** The resourceVersion or continue token is too old: list again. */
  get isGone(): boolean {
    return this.code === 410 || this.reason === 'Expired' || this.reason === 'Gone';
  }

  get isUnauthorized(): boolean {
    return this.code === 401;
  }

  get isForbidden(): boolean {
    return this.code === 403;
  }

  /** The object or patch breaks a rule; the same again will be refused again. */
  get isInvalid(): boolean {
    return this.code === 422 || this.code === 400;
  }

  /** The same request may succeed later. */
  get isTransient(): boolean {
    return this.code === 429 || this.code >= 500;
  }
}

/** Reasons as apimachinery's NewGenericServerResponse gives them where a server gives none. */
const REASONS: Readonly<Record<number, string>> = {
  400: 'BadRequest',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'NotFound',
  405: 'MethodNotAllowed',
  406: 'NotAcceptable',
  409: 'Conflict',
  410: 'Expired',
  413: 'RequestEntityTooLarge',
  415: 'UnsupportedMediaType',
  422: 'Invalid',
  429: 'TooManyRequests',
  503: 'ServiceUnavailable',
  504: 'Timeout',
};

/** The parts of an answer that an error is made from. */
export interface ErrorAnswer {
  status: number;
  headers: Readonly<Record<string, string>>;
  body: string;
}

/**
 * Makes an error of any answer. Total: HTML of a proxy, truncated JSON and an empty body become a Status that says so, with the answer's
 * own code.
 */
export function toApiError(request: KubeRequest, answer: ErrorAnswer, nowMs: number): ApiError {
  const status = parseStatus(answer.body, answer.status) ?? strangeAnswer(answer);
  const retryAfter = parseRetryAfter(answer.headers['retry-after'], nowMs);
  return new ApiError(status, `${request.method} ${request.path}`, retryAfter);
}

/** Reads a Status from a text; undefined where it is none. `httpStatus` stands in for a missing code. */
export function parseStatus(text: string, httpStatus: number): Status | undefined {
  try {
    return readStatus(JSON.parse(text), httpStatus);
  } catch {
    return undefined;
  }
}

/** Reads a Status from parsed JSON, filling in what is missing or of the wrong type. */
export function readStatus(value: unknown, httpStatus = 500): Status | undefined {
  if (typeof value !== 'object' || value === null || (value as { kind?: unknown }).kind !== 'Status') return undefined;
  const given = value as Record<string, unknown>;
  const code = typeof given['code'] === 'number' ? given['code'] : httpStatus;
  const reason = typeof given['reason'] === 'string' ? given['reason'] : (REASONS[code] ?? 'InternalError');
  const { details, metadata } = given;
  return {
    apiVersion: 'v1',
    kind: 'Status',
    status: given['status'] === 'Success' ? 'Success' : 'Failure',
    code,
    reason,
    message: typeof given['message'] === 'string' ? given['message'] : reason,
    ...(isObject(metadata) && typeof metadata['continue'] === 'string'
      ? { metadata: { continue: metadata['continue'] } }
      : {}),
    ...(isObject(details) ? { details: readDetails(details) } : {}),
  };
}

function readDetails(details: Record<string, unknown>): NonNullable<Status['details']> {
  const { name, kind, uid, causes, retryAfterSeconds } = details;
  return {
    ...(typeof name === 'string' ? { name } : {}),
    ...(typeof kind === 'string' ? { kind } : {}),
    ...(typeof uid === 'string' ? { uid } : {}),
    ...(Array.isArray(causes) ? { causes: causes.filter(isObject) as StatusCause[] } : {}),
    ...(typeof retryAfterSeconds === 'number' && retryAfterSeconds > 0
      ? { retryAfterSeconds: Math.min(retryAfterSeconds, 120) }
      : {}),
  };
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function strangeAnswer({ status, headers, body }: ErrorAnswer): Status {
  const code = status >= 400 ? status : 502;
  const type = headers['content-type'] ?? 'no content type';
  const excerpt = body
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ')
    .trim()
    .slice(0, 120);
  const what = body === '' ? 'an empty body' : `${type} that is no Kubernetes answer: ${excerpt}`;
  return {
    apiVersion: 'v1',
    kind: 'Status',
    status: 'Failure',
    code,
    reason: status >= 400 ? (REASONS[code] ?? 'InternalError') : 'UnexpectedAnswer',
    message: `the server answered ${status} with ${what}`,
  };
}
