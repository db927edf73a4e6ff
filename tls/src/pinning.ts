import { isIP } from 'node:net';
import type { Duplex } from 'node:stream';
import { connect, type TLSSocket } from 'node:tls';
import { FINGERPRINT, fingerprintOf } from './fingerprint.ts';

/** Whoever answers has another certificate than the pinned one. Nothing was said to them. */
export class PinMismatch extends Error {
  override readonly name = 'PinMismatch';
  readonly code = 'ERR_TLS_PIN_MISMATCH';
  readonly expected: string;
  /** What the other side showed. */
  readonly seen: string;

  constructor(expected: string, seen: string) {
    super(`the certificate of the other side is ${seen}, not ${expected}`);
    this.expected = expected;
    this.seen = seen;
  }
}

export interface PinnedAddress {
  host: string;
  port: number;
  /** `sha256:` and 64 hex digits, as `fingerprintOf` gives it. */
  fingerprint: string;
  /** Until the handshake is over. Default 10,000 ms. */
  timeoutMs?: number;
}

const CONNECT_MS = 10_000;

/**
 * Connects to exactly the server that has this certificate. The chain, the names and the dates of the certificate are not looked at: the fingerprint names one
 * certificate, and the handshake proves that the other side has its key. The socket is handed out only after the comparison, so that not a byte goes to
 * anybody else: neither `checkServerIdentity` (not called where the chain is not checked) nor writing into a socket that still shakes hands would ensure that.
 * @throws PinMismatch; RangeError for what is no fingerprint; the error of the network.
 */
export function connectPinned({ host, port, fingerprint, timeoutMs = CONNECT_MS }: PinnedAddress): Promise<TLSSocket> {
  if (!FINGERPRINT.test(fingerprint))
    return Promise.reject(new RangeError(`${fingerprint.slice(0, 80)} is no fingerprint`));
  return new Promise((resolve, reject) => {
    const socket = connect({
      host,
      port,
      ALPNProtocols: ['http/1.1'],
      // The pin is stricter than any chain; what it does not cover is checked by nobody.
      rejectUnauthorized: false,
      // RFC 6066: no IP address goes there.
      ...(isIP(host) === 0 ? { servername: host } : {}),
    });
    const fail = (error: Error) => {
      clearTimeout(timer);
      socket.destroy();
      reject(error);
    };
    const timer = setTimeout(() => fail(timedOut(host, port, timeoutMs)), timeoutMs);
    socket.once('error', fail);
    socket.once('close', () => fail(new Error('the connection was closed before it was secure')));
    socket.once('secureConnect', () => {
      const certificate = socket.getPeerX509Certificate();
      const seen = certificate ? fingerprintOf(certificate) : 'none';
      if (seen !== fingerprint) return fail(new PinMismatch(fingerprint, seen));
      clearTimeout(timer);
      socket.removeAllListeners('close').removeListener('error', fail);
      resolve(socket);
    });
  });
}

function timedOut(host: string, port: number, timeoutMs: number): Error {
  const error = new Error(`no secure connection to ${host}:${port} within ${timeoutMs / 1000} s`);
  return Object.assign(error, { code: 'ETIMEDOUT' });
}

/** As undici calls its `connect` option, and node:https its `createConnection`. */
interface ConnectOptions {
  hostname?: string | null | undefined;
  host?: string | null | undefined;
  port?: string | number | null | undefined;
}

/** Either an error, or a socket that belongs to the pinned server. */
type Connected = (...outcome: [error: Error, socket: null] | [error: null, socket: TLSSocket]) => void;

/**
 * The `connect` option of undici's Agent and Pool that reaches a pinned server alone. It speaks TLS whatever the URL says: a request to a plain http server
 * fails, and is never sent in the clear.
 */
export function pinnedConnector(fingerprint: string, timeoutMs: number = CONNECT_MS) {
  return (options: ConnectOptions, connected: Connected): void => {
    connectPinned({ ...addressOf(options), fingerprint, timeoutMs }).then(
      (socket) => connected(null, socket),
      (error: Error) => connected(error, null),
    );
  };
}

/** The `createConnection` of a request of node:https without an agent, alike. */
export function pinnedCreateConnection(fingerprint: string, timeoutMs: number = CONNECT_MS) {
  return (options: ConnectOptions, created: (error: Error | null, stream: Duplex) => void): undefined => {
    connectPinned({ ...addressOf(options), fingerprint, timeoutMs }).then(
      (socket) => created(null, socket),
      // Node looks at the error alone.
      (error: Error) => created(error, undefined as never),
    );
    return undefined;
  };
}

function addressOf({ hostname, host, port }: ConnectOptions): { host: string; port: number } {
  return { host: (hostname || host || '').replace(/^\[(.*)\]$/, '$1'), port: Number(port || 443) };
}
