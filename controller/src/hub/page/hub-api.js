/** The hub said no. `status` is its HTTP status, `message` its own words. */
export class HubRefusal extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

const namespace = new URLSearchParams(location.search).get('namespace');
let csrf = '';

/** The address of a route, in the namespace that this page is about. */
export function route(path) {
  if (namespace === null) return path;
  return `${path}${path.includes('?') ? '&' : '?'}namespace=${encodeURIComponent(namespace)}`;
}

/** The address of a file in a wagon's vault. */
export function fileRoute(wagon, file) {
  const parts = [wagon, ...file.split('/')].map(encodeURIComponent);
  return route(`/api/vault/${parts.join('/')}`);
}

export const objectivePath = (name, rest = '') => `/api/objectives/${encodeURIComponent(name)}${rest}`;

async function ask(path, init = {}) {
  const answer = await fetch(route(path), { ...init, cache: 'no-store', redirect: 'error' });
  if (answer.ok) return answer;
  const body = await answer.json().catch(() => ({}));
  throw new HubRefusal(answer.status, body?.error?.message ?? `the hub answered ${answer.status}`);
}

/** @throws HubRefusal, or TypeError where the hub does not answer. */
export const getJson = async (path, signal) => (await ask(path, { signal })).json();

/** Opens a stream of events. @throws as getJson */
export async function openEvents(path, signal) {
  const answer = await ask(path, { signal, headers: { accept: 'text/event-stream' } });
  return answer.body;
}

/** Changes something, in the name of whoever is logged in. */
export async function postJson(path, body) {
  const headers = { 'x-carnival-csrf': csrf, ...(body === undefined ? {} : { 'content-type': 'application/json' }) };
  const answer = await ask(path, {
    method: 'POST',
    headers,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return answer.status === 204 ? undefined : answer.json();
}

/** Who is logged in. */
export async function getSession() {
  const session = await getJson('/api/session');
  csrf = session.csrf ?? '';
  return { user: session.user, namespace: namespace ?? session.namespace, isSession: session.csrf !== undefined };
}
