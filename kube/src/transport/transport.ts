/** Query parameters; undefined members are left out. */
export type Query = Readonly<Record<string, string | number | boolean | undefined>>;

/** One HTTP request to the API server. */
export interface KubeRequest {
  method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Absolute path, already escaped, e.g. `/api/v1/namespaces/default/pods`. */
  path: string;
  query?: Query;
  /** Lower-case names. The transport adds authorization, accept and user-agent. */
  headers?: Readonly<Record<string, string>>;
  body?: string;
  signal?: AbortSignal;
  /** Of the whole exchange; for a stream: until its headers. Default by verb. */
  timeoutMs?: number;
}

/** An answer, whatever its status. */
export interface KubeResponse {
  status: number;
  /** Lower-case names. */
  headers: Readonly<Record<string, string>>;
  body: string;
}

/** An answer that goes on until either side ends it. */
export interface KubeStream {
  status: number;
  headers: Readonly<Record<string, string>>;
  /**
   * The body, line by line without the line feed, empty lines left out. Ends when the server ends it cleanly; throws TransportError when the connection breaks or
   * a line is too long. Leaving the loop, or aborting the request's signal, closes the connection.
   */
  lines: AsyncIterable<string>;
}

/**
 * The only way to the API server, and the seam where faults are injected: whatever is done to a cluster goes through these two calls. An
 * answer of any status is returned; only what is no answer throws (TransportError).
 */
export interface Transport {
  request(request: KubeRequest): Promise<KubeResponse>;
  stream(request: KubeRequest): Promise<KubeStream>;
  /** Ends idle connections; requests under way finish. */
  close(): Promise<void>;
}

/** Why there was no answer. */
export type TransportErrorKind = 'timeout' | 'aborted' | 'unreachable' | 'tls' | 'broken' | 'line-too-long';

/** There was no (whole) answer: whether a write was carried out is unknown, unless the kind is `unreachable` or `tls`. */
export class TransportError extends Error {
  override readonly name = 'TransportError';
  readonly kind: TransportErrorKind;
  /** Code of the cause, such as ECONNREFUSED. */
  readonly code: string;

  constructor(kind: TransportErrorKind, message: string, code = '') {
    super(message);
    this.kind = kind;
    this.code = code;
  }
}
