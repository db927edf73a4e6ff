import type { LoginTicket } from '@dark-carnival/crds';
import type { FastifyInstance } from 'fastify';
import { callerOf, type HubContext, PUBLIC, queryOf, user } from '../hub-context.ts';
import { HubError, unavailable } from '../hub-error.ts';
import { refuseGuess } from '../security/authenticator.ts';
import { TICKET_SECONDS } from '../security/login-tickets.ts';
import { isEncrypted, originOf } from '../security/request-way.ts';
import { clearedCookie, sessionCookie, sessionIdIn } from '../security/session-cookie.ts';

/** From a token that a program holds to a browser that is logged in. */
export function loginRoutes(app: FastifyInstance, context: HubContext): void {
  const { tickets, sessions, authenticator } = context;

  app.post('/api/login/tickets', { config: { access: user() } }, async (request, reply): Promise<LoginTicket> => {
    const { token, session } = callerOf(request);
    // A browser that was taken over for a minute must not be able to make itself a second, lasting login.
    if (session)
      throw new HubError(403, 'BearerRequired', 'tickets are made with Authorization: Bearer, not with a session');
    reply.code(201);
    const url = `${originOf(request)}/login?ticket=${tickets.issue(token)}`;
    return { url, expiresInSeconds: TICKET_SECONDS };
  });

  app.get('/login', { config: { access: PUBLIC } }, async (request, reply) => {
    // A browser that fetches ahead of the person would use the ticket up.
    if (/prefetch|prerender/.test(String(request.headers['sec-purpose'] ?? ''))) {
      throw unavailable('NotPrefetchable', 'a login is not fetched ahead', 1);
    }
    const caller = request.socket.remoteAddress ?? '';
    refuseGuess(authenticator.guesses, caller);
    const token = tickets.redeem(queryOf(request, 'ticket') ?? '');
    if (token === undefined) return reply.redirect('/?login=expired', 303);
    authenticator.guesses.succeeded(caller);
    return reply
      .header('set-cookie', sessionCookie(context.port(), sessions.open(token), isEncrypted(request)))
      .redirect('/', 303);
  });

  app.get('/api/session', { config: { access: user() } }, async (request) => {
    const { identity, session } = callerOf(request);
    const { namespace } = context.deps;
    return { user: identity.username, namespace, ...(session ? { csrf: session.csrf } : {}) };
  });

  app.post('/api/logout', { config: { access: user() } }, async (request, reply) => {
    const id = sessionIdIn(request.headers.cookie, context.port());
    if (id !== undefined) sessions.close(id);
    return reply
      .header('set-cookie', clearedCookie(context.port(), isEncrypted(request)))
      .code(204)
      .send();
  });
}
