import { createHash } from 'node:crypto';
import {
  type CreatedJoinToken,
  formatJoinToken,
  type JoinAnswer,
  type JoinRequest,
  type JoinTokenView,
  joinRequestSchema,
  joinTokenRequestSchema,
  nodeIdToName,
} from '@dark-carnival/crds';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { AdmitOutcome, JoinAttempt } from '../../ports/join-tokens.ts';
import { callerOf, type HubContext, namespaceOf, paramOf, user, WAGON } from '../hub-context.ts';
import { badRequest, HubError, notFound } from '../hub-error.ts';
import { refuseGuess } from '../security/authenticator.ts';
import { problemOf } from '../zod-problem.ts';

const DEFAULT_ROLE = 'CORE';
const TOKENS = { resource: 'wagons', subresource: 'jointokens' } as const;

/** Join tokens, made by people, and their exchange for a wagon's own token. */
export function joinRoutes(app: FastifyInstance, context: HubContext): void {
  const { deps } = context;
  const access = (verb: 'create' | 'list' | 'delete') => ({ config: { access: user({ verb, ...TOKENS }) } });

  app.post('/api/join-tokens', access('create'), async (request, reply): Promise<CreatedJoinToken> => {
    const namespace = namespaceOf(request, deps);
    const parsed = joinTokenRequestSchema.safeParse(request.body ?? {});
    if (!parsed.success) throw badRequest(`the join token cannot be made: ${problemOf(parsed.error)}`);
    const createdBy = callerOf(request).identity.username;
    const made = await deps.joinTokens.create(namespace, { ...parsed.data, createdBy });
    if (!made) throw new HubError(409, 'TooManyJoinTokens', 'there are too many join tokens: delete those not needed');
    const { view, secret } = made;
    deps.logger.info({ namespace, joinToken: view.id, user: createdBy }, 'A join token was made');
    reply.code(201);
    return { ...view, token: formatJoinToken({ ...context.joinAddress(), namespace, id: view.id, secret }) };
  });

  app.get(
    '/api/join-tokens',
    access('list'),
    async (request): Promise<JoinTokenView[]> => deps.joinTokens.list(namespaceOf(request, deps)),
  );

  app.delete('/api/join-tokens/:id', access('delete'), async (request) => {
    const namespace = namespaceOf(request, deps);
    const id = paramOf(request, 'id');
    if (!(await deps.joinTokens.remove(namespace, id)))
      throw notFound(`no join token ${JSON.stringify(id.slice(0, 40))}`);
    deps.logger.info(
      { namespace, joinToken: id, user: callerOf(request).identity.username },
      'A join token was deleted',
    );
    return { deleted: id };
  });

  app.post('/api/nodes/join', { config: { access: WAGON } }, async (request, reply): Promise<JoinAnswer> => {
    const parsed = joinRequestSchema.safeParse(request.body);
    if (!parsed.success) throw badRequest(`the request to join is not valid: ${problemOf(parsed.error)}`);
    const answer = await join(request, context, parsed.data);
    deps.logger.info({ Wagon: `${answer.namespace}/${answer.wagon}`, joinToken: parsed.data.id }, 'A wagon joined');
    reply.code(201);
    return answer;
  });
}

async function join(request: FastifyRequest, context: HubContext, asked: JoinRequest): Promise<JoinAnswer> {
  const { deps } = context;
  const { namespace, id, secret, nodeID } = asked;
  const claim = `sha256:${createHash('sha256').update(asked.nonce).digest('hex')}`;
  const attempt: JoinAttempt = { id, secret, claim, wagon: nodeIdToName(nodeID), role: asked.role };
  const admitted = await admit(request, context, namespace, attempt);
  const role = admitted.role ?? asked.role ?? DEFAULT_ROLE;
  const registration = { nodeID, role };
  const issued = await deps.registry.issueToken(namespace, { ...registration, claim });
  const wagon = issued.outcome === 'issued' ? await deps.registry.createWagon(namespace, registration) : issued;
  if (issued.outcome === 'issued' && (wagon.outcome === 'created' || wagon.outcome === 'exists')) {
    return { wagon: wagon.wagon, namespace, nodeID, role, token: issued.token };
  }
  // Nobody joined, so nothing was used.
  if (admitted.outcome === 'admitted') await deps.joinTokens.giveBack(namespace, attempt);
  if (wagon.outcome === 'taken') throw new HubError(409, 'NodeIDTaken', wagon.message);
  throw badRequest(wagon.outcome === 'invalid' ? wagon.message : 'it cannot be registered');
}

type Admitted = AdmitOutcome & { outcome: 'admitted' | 'again' };

/** @throws HubError 403 for a token that lets nobody in, 429 for whoever guesses. */
async function admit(
  request: FastifyRequest,
  { deps, authenticator }: HubContext,
  namespace: string,
  attempt: JoinAttempt,
): Promise<Admitted> {
  const caller = `join ${request.socket.remoteAddress ?? ''}`;
  refuseGuess(authenticator.guesses, caller);
  const outcome = await deps.joinTokens.admit(namespace, attempt);
  // Who knows a secret, be it of a token that has ended, does not guess.
  if (outcome.outcome !== 'unknown') authenticator.guesses.succeeded(caller);
  switch (outcome.outcome) {
    case 'admitted':
    case 'again':
      return { ...outcome, outcome: outcome.outcome };
    case 'expired':
      throw refused('JoinTokenExpired', 'the join token has expired');
    case 'usedUp':
      throw refused('JoinTokenUsedUp', 'the join token has been used as often as it may be');
    case 'otherRole':
      throw refused('RoleNotAllowed', `the join token is for role ${outcome.role}: leave NODE_ROLE out`);
    default:
      throw refused('JoinTokenUnknown', `namespace ${namespace} has no such join token`);
  }
}

const refused = (code: string, message: string): HubError =>
  new HubError(403, code, `${message}; \`carnival join-token create\` makes a new one`);
