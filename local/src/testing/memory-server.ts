import { type LocalServer, type LocalServerOptions, startLocalServer } from '../start-local-server.ts';
import { ApiClient } from './api-client.ts';
import { JUGGLES_CRD } from './juggles.ts';

export const TOKEN = 'a-token-for-tests';

/** A server on an in-memory store that serves juggles, and a client of it. A fault of the server fails the test. */
export async function startMemoryServer(
  options: Partial<LocalServerOptions> = {},
): Promise<{ server: LocalServer; client: ApiClient; faults: unknown[] }> {
  const faults: unknown[] = [];
  const server = await startLocalServer({
    store: 'memory',
    token: TOKEN,
    onFault: (error) => faults.push(error),
    ...options,
  });
  const client = new ApiClient(server.url, TOKEN);
  const { status } = await client.post('/apis/apiextensions.k8s.io/v1/customresourcedefinitions', JUGGLES_CRD);
  if (status !== 201) throw new Error(`the test's CRD was refused with ${status}`);
  return { server, client, faults };
}
