/**
 * The session's cookie. Its name holds the port: cookies ignore ports, and two hubs on one machine must not log each other out. `Secure` where there is TLS;
 * no `__Host-` prefix, since on loopback there is none and the name is the same for both.
 */
export const cookieName = (port: number): string => `carnival-session-${port}`;

const ATTRIBUTES = 'Path=/; HttpOnly; SameSite=Strict';

const attributes = (isEncrypted: boolean) => (isEncrypted ? `${ATTRIBUTES}; Secure` : ATTRIBUTES);

export const sessionCookie = (port: number, id: string, isEncrypted: boolean): string =>
  `${cookieName(port)}=${id}; ${attributes(isEncrypted)}`;
export const clearedCookie = (port: number, isEncrypted: boolean): string =>
  `${cookieName(port)}=; Max-Age=0; ${attributes(isEncrypted)}`;

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
