import { connect, createServer } from 'node:net';
import { UpError } from './up-error.ts';

/** A port that is about to be used. */
export interface PortClaim {
  port: number;
  /** Who needs it, such as `the hub`. */
  who: string;
  /** What to do where it is taken. */
  remedy: string;
}

const HOST = '127.0.0.1';

/**
 * Makes sure that nobody listens where we want to.
 * @throws UpError that names the first taken port.
 */
export async function requireFreePorts(claims: readonly PortClaim[]): Promise<void> {
  const free = await Promise.all(claims.map(({ port }) => isPortFree(port)));
  const taken = claims.find((_, index) => !free[index]);
  if (taken) throw new UpError(`port ${taken.port} for ${taken.who} is taken by another program: ${taken.remedy}`);
}

/** Whether a server could listen on 127.0.0.1:`port` now. */
export async function isPortFree(port: number): Promise<boolean> {
  // Some systems let us bind beside a server on 0.0.0.0; then its answer gives it away.
  return (await canBind(port)) && !(await somebodyAnswers(port));
}

function canBind(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ port, host: HOST, exclusive: true }, () => server.close(() => resolve(true)));
  });
}

function somebodyAnswers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: HOST });
    const end = (answers: boolean) => {
      socket.destroy();
      resolve(answers);
    };
    socket.once('connect', () => end(true));
    socket.once('error', () => end(false));
    socket.setTimeout(500, () => end(false));
  });
}
