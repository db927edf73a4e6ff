import type { UnreachableCause } from '@dark-carnival/crds';
import type { ProviderErrorKind } from './provider-error.ts';

/** Codes and phrases by which providers say that money, not time, is what is missing. */
const QUOTA =
  /insufficient_quota|insufficient[ _]balance|exceeded_current_quota|billing_hard_limit|credit balance is too low|quota[ _]exceeded.*billing/i;
/** Phrases for a model that is not there, which some providers answer with 400. */
const NO_MODEL =
  /model_not_found|model_not_exist|model_decommissioned|not_found_error|model .{0,80}(does not exist|not found|decommissioned)/i;
/** Overload that is said within a stream, so without a status. */
const OVERLOADED =
  /overloaded_error|overloaded|insufficient_system_resource|server_error|api_error|internal|unexpectedly stopped|terminated/i;
const RATE = /rate_limit|too many requests/i;
const KEY = /authentication_error|invalid_authentication|invalid.{0,12}api.?key|unauthori[sz]ed/i;
const TIMEOUT_CODES = new Set([
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_HEADERS_TIMEOUT',
  'UND_ERR_BODY_TIMEOUT',
  'ETIMEDOUT',
]);

/** What an HTTP answer or an error event said. */
export interface FailureFacts {
  /** Absent for an error within a stream. */
  status?: number | undefined;
  /** The body, or what was read of it, as text. */
  body: string;
}

/** Decides by status and body what kind of failure an answer is. Sources: each provider's error reference, facts of 2026-11. */
export function classifyAnswer({ status, body }: FailureFacts): ProviderErrorKind {
  if (status === undefined) return classifyStreamError(body);
  if (status === 402 || ((status === 429 || status === 400 || status === 403) && QUOTA.test(body))) return 'quota';
  if (status === 401 || status === 403) return 'unauthorized';
  // Kimi says overload with the status of a rate limit.
  if (status === 429) return /engine_overloaded/.test(body) ? 'overloaded' : 'rate-limited';
  if (status === 408) return 'timeout';
  if (status === 404 || status === 410 || (status === 400 && NO_MODEL.test(body))) return 'not-found';
  if (status === 409 || status >= 500) return 'overloaded';
  return 'bad-request';
}

function classifyStreamError(body: string): ProviderErrorKind {
  if (QUOTA.test(body)) return 'quota';
  if (RATE.test(body)) return 'rate-limited';
  if (KEY.test(body)) return 'unauthorized';
  if (NO_MODEL.test(body)) return 'not-found';
  return OVERLOADED.test(body) ? 'overloaded' : 'unusable';
}

/** Decides by the system's error code what kind a connection that failed is. */
export function classifyConnection(code: string | undefined, answerBegan: boolean): ProviderErrorKind {
  // The stream broke: what came so far is no answer, and a new try may well give one.
  if (answerBegan || code === 'UND_ERR_RES_EXCEEDED_MAX_SIZE') return 'unusable';
  return code !== undefined && TIMEOUT_CODES.has(code) ? 'timeout' : 'unreachable';
}

const CAUSES: readonly (readonly [RegExp, UnreachableCause])[] = [
  [/^(ENOTFOUND|EAI_AGAIN|EAI_NODATA|EAI_NONAME)$/, 'NameNotFound'],
  [/^ECONNREFUSED$/, 'ConnectionRefused'],
  [/^(ECONNRESET|EPIPE|UND_ERR_SOCKET|ECONNABORTED)$/, 'ConnectionLost'],
  [/^(ETIMEDOUT|UND_ERR_CONNECT_TIMEOUT|UND_ERR_HEADERS_TIMEOUT|UND_ERR_BODY_TIMEOUT)$/, 'TimedOut'],
  [/^(EHOSTUNREACH|ENETUNREACH|EHOSTDOWN|ENETDOWN|EADDRNOTAVAIL)$/, 'NoRoute'],
  [/CERT|SELF_SIGNED|UNABLE_TO_|^ERR_(TLS|SSL)_/, 'CertificateRefused'],
];

/** What a system's or TLS's error code says of why a place cannot be reached; undefined for a code that says nothing. */
export const causeOfCode = (code: string | undefined): UnreachableCause | undefined =>
  code === undefined ? undefined : CAUSES.find(([codes]) => codes.test(code))?.[1];
