import { isLoopbackHost } from '@dark-carnival/crds';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { HubError } from '../hub-error.ts';

/** Whether the request came over TLS. */
export const isEncrypted = ({ socket }: Pick<FastifyRequest, 'socket'>): boolean =>
  'encrypted' in socket && socket.encrypted === true;

/** Base URL by which the caller reached us. Its Host header has been checked. */
export const originOf = (request: FastifyRequest): string =>
  `${isEncrypted(request) ? 'https' : 'http'}://${request.headers.host}`;

/**
 * Plain http is for this machine alone. A browser that came without TLS is sent to where there is; whatever else is refused, since it may have said a token already.
 * @returns true where the answer was given.
 * @throws HubError 403
 */
export function refuseInTheClear(request: FastifyRequest, reply: FastifyReply): boolean {
  if (isEncrypted(request) || isLoopbackHost(request.socket.localAddress ?? '')) return false;
  const wantsPage = request.method === 'GET' && String(request.headers.accept ?? '').includes('text/html');
  const secure = `https://${request.headers.host}`;
  if (!wantsPage) throw new HubError(403, 'HttpsRequired', `over a network the hub speaks https only: ${secure}`);
  // Its path may hold a ticket, which has been read by now.
  void reply.redirect(`${secure}/`, 308);
  return true;
}
