import { type JoinToken, nodeIdToName } from '@dark-carnival/crds';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { HubDeps } from './hub-deps.ts';
import { badRequest, HubError } from './hub-error.ts';
import type { ObjectiveFeeds } from './live/objective-feeds.ts';
import { SseStream } from './live/sse.ts';
import type { AccessReviews, Permission } from './security/access-reviews.ts';
import type { Authenticator, Caller } from './security/authenticator.ts';
import type { LoginTickets } from './security/login-tickets.ts';
import type { Sessions } from './security/sessions.ts';
import type { WagonAccess } from './wagon-access.ts';

/** What the routes share. */
export interface HubContext {
  deps: HubDeps;
  access: WagonAccess;
  reviews: AccessReviews;
  authenticator: Authenticator;
  sessions: Sessions;
  tickets: LoginTickets;
  feeds: ObjectiveFeeds;
  /** Open streams: closing the hub ends them. */
  streams: Set<SseStream>;
  /** Where wagons that join reach the hub, and how they know it. */
  joinAddress: () => Pick<JoinToken, 'url' | 'fingerprint'>;
  port: () => number;
}

/**
 * Who may use a route. `public` needs nothing; `wagon` proves itself in the handler, by its own token; `user` is somebody that the API server knows and
 * that holds every permission named.
 */
export type RouteAccess = { kind: 'public' } | { kind: 'wagon' } | { kind: 'user'; permissions: readonly Permission[] };

export const PUBLIC: RouteAccess = { kind: 'public' };
export const WAGON: RouteAccess = { kind: 'wagon' };
export const user = (...permissions: Permission[]): RouteAccess => ({ kind: 'user', permissions });

declare module 'fastify' {
  interface FastifyContextConfig {
    access?: RouteAccess;
  }
  interface FastifyRequest {
    /** Set for every route of kind `user` before its handler runs. */
    caller: Caller | undefined;
  }
}

/** @throws TypeError where a route without authentication asks: a mistake of ours, never of the caller. */
export function callerOf(request: FastifyRequest): Caller {
  if (!request.caller) throw new TypeError('this route has no caller');
  return request.caller;
}

const NAMESPACE = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;
const OBJECT_NAME = /^[a-z0-9]([-a-z0-9.]{0,61}[a-z0-9])?$/;

/** One value of the query; undefined where it is absent. @throws HubError 400 where it is given twice. */
export function queryOf(request: FastifyRequest, name: string): string | undefined {
  const value = (request.query as Record<string, unknown>)[name];
  if (value === undefined || typeof value === 'string') return value;
  throw badRequest(`${name} may be given once`);
}

/** The namespace that a request means: `?namespace=`, else the configured one. */
export function namespaceOf(request: FastifyRequest, deps: Pick<HubDeps, 'namespace'>): string {
  const namespace = queryOf(request, 'namespace') ?? deps.namespace;
  if (!NAMESPACE.test(namespace)) throw badRequest('namespace must be the name of a namespace');
  return namespace;
}

/** A path parameter. The router has decoded it. */
export function paramOf(request: FastifyRequest, name: string): string {
  return (request.params as Record<string, string | undefined>)[name] ?? '';
}

export function objectNameOf(request: FastifyRequest): string {
  const name = paramOf(request, 'name');
  if (!OBJECT_NAME.test(name))
    throw badRequest('the name must be that of an Objective: lower-case letters, digits, dashes');
  return name;
}

/**
 * Asks the API server whether a caller may use the route that they ask for, on what they ask about.
 * @throws HubError 403; ApiError or TransportError when nobody can say.
 */
export async function requirePermissions({ reviews, deps }: HubContext, request: FastifyRequest): Promise<void> {
  const access = request.routeOptions.config.access;
  if (access?.kind !== 'user') throw new HubError(403, 'Forbidden', 'this route is for nobody');
  const { identity } = callerOf(request);
  const params = request.params as { node?: string; name?: string };
  const name = params.name ?? (params.node === undefined ? undefined : nodeIdToName(params.node));
  for (const permission of access.permissions) {
    await reviews.require(identity, permission, namespaceOf(request, deps), name);
  }
}

/** Whether the reader of a stream may still read it: for answers that go on for hours. @throws when the API server cannot say. */
async function isStillWelcome(context: HubContext, request: FastifyRequest): Promise<boolean> {
  if (!(await context.authenticator.stillGood(callerOf(request)))) return false;
  try {
    await requirePermissions(context, request);
    return true;
  } catch (error) {
    if (error instanceof HubError && error.status === 403) return false;
    throw error;
  }
}

const MAX_STREAMS = 256;

/** Turns the answer into a stream that ends with its reader, with the hub, or with its caller's rights. */
export function openStream(request: FastifyRequest, reply: FastifyReply, context: HubContext): SseStream {
  if (context.streams.size >= MAX_STREAMS) {
    throw new HubError(503, 'TooManyListeners', 'too many pages are open: close some', { 'retry-after': '10' });
  }
  reply.hijack();
  const stream = new SseStream(reply.raw, {
    clock: context.deps.clock,
    stillWelcome: () => isStillWelcome(context, request),
  });
  context.streams.add(stream);
  stream.whenEnded(() => context.streams.delete(stream));
  return stream;
}
