import { Readable } from 'node:stream';
import { type HubVaultList, hubVaultListSchema, type Sidecar, vaultListSchema, type Wagon } from '@dark-carnival/crds';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { readBounded } from '../bounded-body.ts';
import { type HubContext, namespaceOf, paramOf, queryOf, user } from '../hub-context.ts';
import { badRequest, HubError, notFound, wagonUnreachable } from '../hub-error.ts';
import { completionPath, vaultPathProblem } from '../vault-path.ts';
import type { WagonReply } from '../wagon-access.ts';

/** What the swarm made. The files lie on the wagons: the hub asks them, and says whom it could not reach. */
export function vaultRoutes(app: FastifyInstance, context: HubContext): void {
  const { deps, access } = context;
  const read = { config: { access: user({ verb: 'get', resource: 'wagons', subresource: 'vault' }) } };
  const remove = { config: { access: user({ verb: 'delete', resource: 'wagons', subresource: 'vault' }) } };

  app.get('/api/vault', read, async (request) => {
    access.requireSynced();
    const namespace = namespaceOf(request, deps);
    const holders = access.list(namespace).filter(({ status }) => status?.phase !== 'Evicted');
    return listOf(context, holders, request);
  });

  app.get('/api/vault/:node', read, async (request) =>
    listOf(context, [access.find(namespaceOf(request, deps), paramOf(request, 'node'))], request),
  );

  app.get('/api/vault/:node/*', read, async (request, reply) => {
    const { wagon, file } = fileOf(context, request, 'read');
    const answer = await pass(context, wagon, request, reply, { method: 'GET', path: completionPath(file) });
    return sendFile(request, reply, answer, file);
  });

  app.delete('/api/vault/:node/*', remove, async (request, reply) => {
    const { wagon, file } = fileOf(context, request, 'delete');
    const answer = await pass(context, wagon, request, reply, { method: 'DELETE', path: completionPath(file) });
    answer.discard();
    return { deleted: file, node: wagon.metadata.name };
  });

  const noFile = async () => {
    throw new HubError(405, 'FileRequired', 'name a file: DELETE /api/vault/{node}/{objective}/{path}', {
      allow: 'GET',
    });
  };
  for (const url of ['/api/vault', '/api/vault/', '/api/vault/:node']) app.delete(url, remove, noFile);
}

const CONCURRENCY = 8;

async function listOf({ access }: HubContext, wagons: Wagon[], request: FastifyRequest): Promise<HubVaultList> {
  const objective = queryOf(request, 'objective');
  const path = queryOf(request, 'all') === '1' ? '/api/completions?all=1' : '/api/completions';
  const missing: NonNullable<HubVaultList['missing']> = [];
  const list: HubVaultList = { files: [], missing, unreachable: [] };
  const waiting = [...wagons];
  const ask = async (): Promise<void> => {
    for (let wagon = waiting.shift(); wagon; wagon = waiting.shift()) {
      const { name: node, namespace } = wagon.metadata;
      const answer = await access.json(wagon, path, vaultListSchema);
      if (answer.outcome !== 'answered') {
        const message = answer.outcome === 'absent' ? 'it has no vault' : answer.message;
        list.unreachable.push({ node, message });
        continue;
      }
      // A wagon serves only its own namespace; what it says about others is not believed.
      const isOwn = (file: Sidecar) =>
        file.namespace === namespace && (objective === undefined || file.objective === objective);
      const { files, missing: gone = [] } = answer.value;
      list.files.push(...files.filter(isOwn).map((file) => ({ ...file, node })));
      missing.push(...gone.filter(isOwn).map((file) => ({ ...file, node })));
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, ask));
  list.files.sort((a, b) => compare(b.createdAt, a.createdAt) || compare(a.file, b.file) || compare(a.node, b.node));
  list.unreachable.sort((a, b) => compare(a.node, b.node));
  return hubVaultListSchema.parse(list);
}

const compare = (a: string, b: string): number => (a === b ? 0 : a < b ? -1 : 1);

function fileOf(
  { access, deps }: HubContext,
  request: FastifyRequest,
  use: 'read' | 'delete',
): { wagon: Wagon; file: string } {
  const file = paramOf(request, '*');
  if (file === '') {
    if (use === 'read') throw notFound('name a file: GET /api/vault/{node}/{objective}/{path}');
    throw new HubError(405, 'FileRequired', 'name a file: DELETE /api/vault/{node}/{objective}/{path}', {
      allow: 'GET',
    });
  }
  const problem = vaultPathProblem(file, use);
  if (problem !== undefined) throw badRequest(problem);
  return { wagon: access.find(namespaceOf(request, deps), paramOf(request, 'node')), file };
}

const PASSED_ON = ['range', 'if-none-match', 'if-range'] as const;

/** Passes a request on and lets good answers through. The request ends with its caller. @throws HubError for every other answer. */
async function pass(
  { access }: HubContext,
  wagon: Wagon,
  request: FastifyRequest,
  reply: FastifyReply,
  { method, path }: { method: 'GET' | 'DELETE'; path: string },
): Promise<WagonReply> {
  const abort = new AbortController();
  reply.raw.on('close', () => abort.abort());
  const headers = Object.fromEntries(
    PASSED_ON.flatMap((name) => (typeof request.headers[name] === 'string' ? [[name, request.headers[name]]] : [])),
  );
  const answer = await access.forward(wagon, { method, path, headers, signal: abort.signal });
  const { name } = wagon.metadata;
  if (answer.outcome === 'unreachable') throw wagonUnreachable(name, answer.message);
  if (answer.status < 300 || answer.status === 304) return answer;
  const said = await messageIn(answer);
  if (answer.status === 404) throw notFound(`wagon ${name} has no such file`);
  if (answer.status >= 400 && answer.status < 500 && answer.status !== 401 && answer.status !== 403) {
    throw new HubError(answer.status, 'WagonRefused', `wagon ${name} refused: ${said}`);
  }
  throw wagonUnreachable(name, `it answered ${answer.status}`);
}

const MAX_MESSAGE_BYTES = 16_384;
const MAX_MESSAGE_CHARS = 300;

async function messageIn(answer: WagonReply): Promise<string> {
  try {
    const body: unknown = JSON.parse(await readBounded(answer.body, MAX_MESSAGE_BYTES));
    const message = (body as { error?: { message?: unknown } }).error?.message;
    return typeof message === 'string' ? message.slice(0, MAX_MESSAGE_CHARS) : `it answered ${answer.status}`;
  } catch {
    return `it answered ${answer.status}`;
  }
}

const ANSWERED = ['content-length', 'content-range', 'accept-ranges', 'etag'] as const;

/**
 * A model wrote this: whatever the wagon calls it, it is shown as text or saved, never run. With the sandbox of every data answer it could do nothing
 * here anyway.
 */
function sendFile(request: FastifyRequest, reply: FastifyReply, answer: WagonReply, file: string): FastifyReply {
  for (const name of ANSWERED) if (answer.headers[name] !== undefined) reply.header(name, answer.headers[name]);
  const name = file.slice(file.lastIndexOf('/') + 1);
  const disposition = queryOf(request, 'download') === '1' ? 'attachment' : 'inline';
  reply.code(answer.status).header('content-type', 'text/plain; charset=utf-8');
  reply.header('content-disposition', `${disposition}; filename="${name}"`);
  return reply.send(Readable.from(answer.body, { objectMode: false }));
}
