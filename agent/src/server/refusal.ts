import type { ErrorBody } from '@dark-carnival/crds';
import { VaultError, type VaultErrorKind } from '../vault/vault-error.ts';

/** A request that is refused: becomes a status, a word for machines and a line for people. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly status: number;
  readonly code: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Further members of the error, for machines. */
  readonly details: Readonly<Record<string, string>>;

  constructor(
    status: number,
    code: string,
    message: string,
    { headers = {}, details = {} }: { headers?: Record<string, string>; details?: Record<string, string> } = {},
  ) {
    super(message);
    this.status = status;
    this.code = code;
    this.headers = headers;
    this.details = details;
  }
}

const OF_VAULT: Readonly<Record<VaultErrorKind, [status: number, code: string]>> = {
  absent: [404, 'NotFound'],
  unsafe: [400, 'UnsafePath'],
  occupied: [409, 'Occupied'],
  unwritable: [507, 'VaultUnwritable'],
};

/** Any error as a refusal, or undefined where it is a mistake of ours: those are logged, and not told. */
export function toRefusal(error: unknown): Refusal | undefined {
  if (error instanceof Refusal) return error;
  if (error instanceof VaultError) {
    const [status, code] = OF_VAULT[error.kind];
    return new Refusal(status, code, error.message);
  }
  // Fastify's own: a body that is too large or no JSON, a content type that is not taken.
  if (error instanceof Error && 'statusCode' in error && typeof error.statusCode === 'number' && error.statusCode < 500)
    return new Refusal(error.statusCode, codeWord(error.statusCode), error.message);
  return undefined;
}

export function errorBody({ code, message, details }: Refusal): ErrorBody {
  return { error: { code, message, ...details } };
}

/** `413` to `PayloadTooLarge`. */
function codeWord(status: number): string {
  // An import would load far more: see lease/post.ts.
  const { STATUS_CODES } = process.getBuiltinModule('node:http');
  return (STATUS_CODES[status] ?? 'Refused').replace(/[^A-Za-z]/g, '');
}
