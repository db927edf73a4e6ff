import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { type HubContext, PUBLIC } from '../hub-context.ts';
import { PAGE_HEADERS } from '../security/security-headers.ts';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/**
 * The page: plain files, read once at the start. They hold nothing of anybody's, so they need no login; what they show does. Only names that were
 * found in the folder are served: no path of a request ever meets the disk.
 */
export function pageRoutes(app: FastifyInstance, _context: HubContext): void {
  const folder = join(import.meta.dirname, '..', 'page');
  for (const name of readdirSync(folder)) {
    const type = TYPES[extname(name)];
    if (type === undefined) continue;
    const content = readFileSync(join(folder, name));
    const etag = `"${createHash('sha256').update(content).digest('base64url').slice(0, 22)}"`;
    app.get(name === 'index.html' ? '/' : `/page/${name}`, { config: { access: PUBLIC } }, async (request, reply) => {
      reply.headers({ ...PAGE_HEADERS, etag, 'content-type': type });
      if (request.headers['if-none-match'] === etag) return reply.code(304).send();
      return reply.send(content);
    });
  }
}
