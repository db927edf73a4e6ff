import { createHash, timingSafeEqual } from 'node:crypto';

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

/** Makes the check of an `Authorization` header. Time does not tell how much of a wrong token is right. */
export function bearerCheck(token: string): (header: string | undefined) => boolean {
  const expected = digest(token);
  return (header) => {
    const match = /^Bearer +(\S+)$/i.exec(header ?? '');
    return match !== null && timingSafeEqual(digest(match[1] as string), expected);
  };
}
