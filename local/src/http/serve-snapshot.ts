import type { IncomingMessage, ServerResponse } from 'node:http';
import { methodNotAllowed } from '../status/api-error.ts';
import { sendJson } from './respond.ts';

/** Outside of what Kubernetes names, as k3s' `/db/snapshot` is: only a local engine has a file that can be copied. */
export const SNAPSHOT_PATH = '/carnival/snapshot';

/** POST: copies the database. The answer names the copy, which lies in the data folder and is the caller's to remove. @throws ApiError, StorageError */
export async function serveSnapshot(
  take: () => Promise<string>,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (request.method !== 'POST') throw methodNotAllowed();
  request.resume();
  sendJson(response, 201, { file: await take() });
}
