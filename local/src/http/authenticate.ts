import { timingSafeEqual } from 'node:crypto';

const SCHEME = /^Bearer +/i;

/** Makes the check of an `Authorization` header. Time tells how long the right token is, not how much of a wrong one is right. */
export function bearerCheck(token: string): (header: string | undefined) => boolean {
  const expected = Buffer.from(token);
  return (header = '') => {
    const given = Buffer.from(header.replace(SCHEME, ''));
    return SCHEME.test(header) && given.length === expected.length && timingSafeEqual(given, expected);
  };
}
