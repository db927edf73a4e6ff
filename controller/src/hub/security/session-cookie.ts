/**
 * The session's cookie. Its name holds the port: cookies ignore ports, and two hubs on one machine must not log each other out. No `__Host-`
 * prefix and no `Secure`: both need TLS, which the loopback hub does not have.
 */
export const cookieName = (port: number): string => `carnival-session-${port}`;

const ATTRIBUTES = 'Path=/; HttpOnly; SameSite=Strict';

export const sessionCookie = (port: number, id: string): string => `${cookieName(port)}=${id}; ${ATTRIBUTES}`;
export const clearedCookie = (port: number): string => `${cookieName(port)}=; Max-Age=0; ${ATTRIBUTES}`;

/** The session id in a Cookie header. Of two cookies of one name none is taken: one of them was planted. */
export function sessionIdIn(header: string | undefined, port: number): string | undefined {
  const prefix = `${cookieName(port)}=`;
  const found = (header ?? '')
    .split(';')
    .map((part) => part.trim())
    .filter((part) => part.startsWith(prefix));
  const [only] = found;
  return found.length === 1 && only !== undefined ? only.slice(prefix.length) : undefined;
}
