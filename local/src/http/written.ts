import type { ServerResponse } from 'node:http';

/** Writes, and waits until the client's connection has taken it. @returns false once the client hung up, or the response was ended */
export function written(response: ServerResponse, bytes: Buffer): Promise<boolean> {
  if (response.destroyed || response.writableEnded) return Promise.resolve(false);
  return new Promise((resolve) => {
    const settle = () => {
      response.off('close', settle);
      resolve(!response.destroyed);
    };
    response.once('close', settle);
    response.write(bytes, settle);
  });
}
