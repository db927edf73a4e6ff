import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Refusal } from './refusal.ts';
import type { ServerDeps } from './server-deps.ts';

interface FileRequest {
  Params: { '*': string };
  Querystring: { all?: unknown };
}

const RESTORE = '/restore';

/** Types that a browser shows and never runs. Everything else, HTML and SVG too, goes out as text. */
const SAFE_TYPES: Readonly<Record<string, string>> = {
  json: 'application/json; charset=utf-8',
  md: 'text/markdown; charset=utf-8',
  csv: 'text/csv; charset=utf-8',
};
/** Saved and not shown: an old browser might guess that they are pages. */
const SAVED = new Set(['html', 'htm', 'xhtml', 'svg', 'xml', 'mhtml', 'xsl']);

/** `GET /api/completions`, and what can be done with one file. The whole rest of the path is the file's name. */
export function completionRoutes(app: FastifyInstance, { vault, events, identity }: ServerDeps): void {
  const { namespace } = identity;

  const list = async (request: FastifyRequest<FileRequest>) => {
    const entries = await vault.list({ all: request.query.all === '1' });
    const there = entries.filter((entry) => entry.state !== 'Missing');
    // A file that is gone is not listed among those that can be had; that it is gone is no secret either.
    return { files: there, missing: entries.filter((entry) => entry.state === 'Missing') };
  };
  app.get<FileRequest>('/api/completions', list);
  app.get<FileRequest>('/api/completions/', list);

  app.get<FileRequest>('/api/completions/*', async (request, reply) => {
    const { content, sha256, name } = await vault.read(request.params['*']);
    return sendFile(request, reply, name.path, content, sha256);
  });

  app.delete<FileRequest>('/api/completions/*', async (request) => {
    const file = request.params['*'];
    if (file === '') throw fileRequired('DELETE');
    await vault.delete(file);
    events.emit({ type: 'vault', action: 'deleted', file, namespace });
    return { deleted: file, keptForHours: 24 };
  });
  app.delete('/api/completions', () => {
    throw fileRequired('DELETE');
  });

  app.post<FileRequest>('/api/completions/*', async (request) => {
    const rest = request.params['*'];
    if (!rest.endsWith(RESTORE)) throw new Refusal(404, 'NotFound', 'POST knows /api/completions/{file}/restore only');
    const restored = await vault.restore(rest.slice(0, -RESTORE.length));
    events.emit({ type: 'vault', action: 'restored', file: restored.file, namespace });
    return { restored };
  });
}

function sendFile(
  request: FastifyRequest,
  reply: FastifyReply,
  path: string,
  content: Buffer,
  sha256: string,
): FastifyReply {
  const base = path.slice(path.lastIndexOf('/') + 1);
  const extension = base.slice(base.lastIndexOf('.') + 1).toLowerCase();
  const etag = `"${sha256}"`;
  reply.headers({
    etag,
    'cache-control': 'no-cache',
    'content-type': SAFE_TYPES[extension] ?? 'text/plain; charset=utf-8',
    'content-disposition': `${SAVED.has(extension) ? 'attachment' : 'inline'}; filename="${base}"`,
  });
  if (request.headers['if-none-match'] === etag) return reply.code(304).send();
  return reply.send(content);
}

function fileRequired(method: string): Refusal {
  const message = `name a file: ${method} /api/completions/{objective}/{path}`;
  return new Refusal(405, 'FileRequired', message, { headers: { allow: 'GET' } });
}
