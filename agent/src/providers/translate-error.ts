import { classifyAnswer, classifyConnection } from './classify-failure.ts';
import { ProviderError, type ProviderErrorKind } from './provider-error.ts';
import { redact } from './redact.ts';
import { bodyRetryAfterMs, type HeaderReader, retryAfterMs } from './retry-after.ts';

/** Circumstances of a call that failed. */
export interface CallContext {
  provider: string;
  /** Where it went, for the message: host and port, no path, no credentials. */
  host: string;
  /** Never to be shown. */
  secrets: readonly string[];
  /** Wall clock, for Retry-After dates. */
  now: number;
  /** Whether part of the answer had come. */
  answerBegan: boolean;
}

const WORDS: Record<ProviderErrorKind, string> = {
  'rate-limited': 'says that it is asked too often',
  quota: 'says that its quota or balance is used up',
  unauthorized: 'refused the key',
  'not-found': 'does not know the model or the path',
  unreachable: 'cannot be reached',
  timeout: 'did not answer in time',
  unusable: 'gave an answer that cannot be used',
  'bad-request': 'refused the request',
  overloaded: 'is overloaded or broken',
};

/**
 * Turns whatever an SDK or the transport threw into a ProviderError. Read by shape, not by class, so that no SDK is loaded for it; the
 * original is not kept as cause, since its fields hold parts of requests.
 */
export function translateError(error: unknown, context: CallContext): ProviderError {
  const own = ownCause(error);
  if (own) return own;
  const { provider, host, secrets, now } = context;
  const status = numberOf(error, 'status');
  const body = bodyOf(error);
  const answered = status !== undefined || isRecord(memberOf(error, 'error'));
  const code = connectionCode(error);
  // What cannot be parsed did come from somewhere: it was reached, and broke off or is no API.
  const answerBegan = context.answerBegan || links(error).some((link) => link instanceof SyntaxError);
  const kind = answered ? classifyAnswer({ status, body }) : classifyConnection(code, answerBegan);
  const headers = memberOf(error, 'headers');
  const wait =
    (hasGet(headers) ? retryAfterMs(headers, now) : undefined) ?? (answered ? bodyRetryAfterMs(body) : undefined);
  const where = status === undefined ? host : `${host}, ${status}`;
  const said = redact(answered ? messageOf(error, body) : (code ?? messageOf(error, body)), secrets);
  return new ProviderError(kind, `${provider} (${where}) ${WORDS[kind]}${said === '' ? '' : `: ${said}`}`, {
    provider,
    ...(status === undefined ? {} : { status }),
    ...(wait === undefined ? {} : { retryAfterMs: wait }),
    // It would say as much again.
    ...(code === TOO_LARGE ? { isRetryable: false } : {}),
    spent: { inputTokens: 0, outputTokens: 0, calls: 1 },
  });
}

const TOO_LARGE = 'UND_ERR_RES_EXCEEDED_MAX_SIZE';

/** Azure's and Kimi's way to say that a filter withheld the prompt from the model: 400 with this code. */
export function isContentFilter(error: unknown): boolean {
  const status = numberOf(error, 'status');
  return (
    (status === 400 || status === 403) &&
    /"(?:code|type)":\s*"content_filter"|ResponsibleAIPolicyViolation/.test(bodyOf(error))
  );
}

/** An error and its causes. SDKs wrap what their transport threw; the depth is bounded, since causes may form a ring. */
function links(error: unknown): unknown[] {
  const chain: unknown[] = [];
  for (let link = error; link !== undefined && chain.length < 8; link = memberOf(link, 'cause')) chain.push(link);
  return chain;
}

/** Our own transport throws ProviderErrors, which SDKs wrap as the cause of a connection error. */
const ownCause = (error: unknown): ProviderError | undefined => links(error).find(ProviderError.isInstance);

/** The code of the system or of TLS in an error or its causes. */
export function connectionCode(error: unknown): string | undefined {
  const codes = links(error).map((link) => memberOf(link, 'code'));
  return codes.find((code): code is string => typeof code === 'string' && /^[A-Z_]{3,40}$/.test(code));
}

/** `error` of an SDK error is the parsed body, or its `error` member. */
function bodyOf(error: unknown): string {
  const body = memberOf(error, 'error');
  if (body !== undefined) return typeof body === 'string' ? body : safeJSON(body);
  return error instanceof Error ? error.message : '';
}

function messageOf(error: unknown, body: string): string {
  const parsed = memberOf(error, 'error');
  const inner = memberOf(parsed, 'message') ?? memberOf(memberOf(parsed, 'error'), 'message');
  if (typeof inner === 'string') return inner;
  // An HTML page of a proxy says nothing that a person needs.
  if (typeof parsed === 'string') return /<html|<!doctype/i.test(parsed) ? 'a web page, not the API' : parsed;
  return /<html|<!doctype/i.test(body) ? 'a web page, not the API' : body;
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;
const memberOf = (value: unknown, key: string): unknown => (isRecord(value) ? value[key] : undefined);
const hasGet = (value: unknown): value is HeaderReader => typeof memberOf(value, 'get') === 'function';

function numberOf(value: unknown, key: string): number | undefined {
  const member = memberOf(value, key);
  return typeof member === 'number' ? member : undefined;
}

function safeJSON(value: unknown): string {
  try {
    return JSON.stringify(value) ?? '';
  } catch {
    return '';
  }
}
