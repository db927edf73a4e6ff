import { HubError } from '../hub-error.ts';

type Headers = Readonly<Record<string, string | string[] | undefined>>;

const one = (value: string | string[] | undefined): string | undefined => (Array.isArray(value) ? undefined : value);

/** Every way to write this hub's own address. @param more values of Host, with or without a port. @param ownNames names that this hub has on its port. */
export function hostsOf(port: number, more: readonly string[], ownNames: readonly string[] = []): ReadonlySet<string> {
  const names = ['127.0.0.1', 'localhost', '[::1]', ...ownNames.map((name) => name.toLowerCase())];
  const own = names.map((name) => `${name}:${port}`);
  // Browsers leave the port out where it is the scheme's own.
  if (port === 80 || port === 443) own.push(...names);
  return new Set([...own, ...more.map((host) => host.toLowerCase())]);
}

/**
 * A page of a foreign site can point its own name at 127.0.0.1 (DNS rebinding): then its scripts are same-origin with the hub, but the Host header
 * still says the foreign name.
 * @throws HubError 421
 */
export function checkHost(headers: Headers, allowed: ReadonlySet<string>): void {
  const host = one(headers['host'])?.toLowerCase() ?? '';
  if (allowed.has(host)) return;
  throw new HubError(
    421,
    'HostNotAllowed',
    'the hub is not known by this host name: use the address that `npm start` prints',
  );
}

/**
 * What a browser says about where a request with a cookie comes from. Another port of this machine is another site's page here: it may be a wagon's,
 * and SameSite does not see the difference.
 * @throws HubError 403
 */
export function checkSameOrigin(method: string, headers: Headers, allowed: ReadonlySet<string>): void {
  const site = one(headers['sec-fetch-site']);
  const origin = one(headers['origin']);
  const unsafe = method !== 'GET' && method !== 'HEAD';
  const foreignSite = site !== undefined && site !== 'same-origin' && (unsafe || site !== 'none');
  const foreignOrigin = origin !== undefined && !isOwnOrigin(origin, allowed);
  const unknown = unsafe && site === undefined && origin === undefined;
  if (foreignSite || foreignOrigin || unknown) {
    throw new HubError(
      403,
      'ForeignOrigin',
      'this request comes from another page; with a session only the hub’s own page may ask',
    );
  }
}

function isOwnOrigin(origin: string, allowed: ReadonlySet<string>): boolean {
  const match = /^https?:\/\/(.+)$/.exec(origin.toLowerCase());
  return match?.[1] !== undefined && allowed.has(match[1]);
}
