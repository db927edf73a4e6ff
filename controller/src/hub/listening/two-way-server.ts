import type { RequestListener } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { Socket } from 'node:net';

export interface TwoWayOptions {
  certPem: string;
  keyPem: string;
  requestTimeoutMs: number;
}

/** The first byte of a TLS connection: a handshake record. No HTTP request begins with it. */
const TLS_HANDSHAKE = 0x16;
/** From the connection to its first byte. */
const FIRST_BYTE_MS = 10_000;
const HANDSHAKE_MS = 10_000;

/** A server of https, and of plain http on the same port. */
export interface TwoWayServer {
  server: Server;
  /** Takes a connection that another socket accepted. */
  take(socket: Socket): void;
  /** Ends every connection, those that have said nothing yet too. */
  dropAll(): void;
}

/**
 * Serves https and plain http on one port, by the first byte of each connection, so that programs of this machine need no certificate and the port stays the one
 * that people know. What may be said in the clear is for the handler to decide.
 */
export function createTwoWayServer(options: TwoWayOptions, handler: RequestListener): TwoWayServer {
  const { certPem, keyPem, requestTimeoutMs } = options;
  const server = createServer(
    { cert: certPem, key: keyPem, requestTimeout: requestTimeoutMs, handshakeTimeout: HANDSHAKE_MS },
    handler,
  );
  const shakeHands = server.listeners('connection');
  server.removeAllListeners('connection');
  const open = new Set<Socket>();
  const take = (socket: Socket) => {
    open.add(socket);
    socket.once('close', () => open.delete(socket));
    // A peer that resets its connection is no event here.
    socket.on('error', () => socket.destroy());
    socket.setTimeout(FIRST_BYTE_MS, () => socket.destroy());
    socket.once('data', (first: Buffer) => {
      socket.setTimeout(0).removeAllListeners('timeout');
      socket.pause();
      socket.unshift(first);
      if (first[0] === TLS_HANDSHAKE) {
        for (const listener of shakeHands) listener.call(server, socket);
      } else {
        // To the HTTP side of the server a connection is secure once it is told so.
        server.emit('secureConnection', socket);
        socket.resume();
      }
    });
  };
  server.on('connection', take);
  const dropAll = () => {
    for (const socket of open) socket.destroy();
  };
  return { server, take, dropAll };
}
