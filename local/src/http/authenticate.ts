import { timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { type ApiError, forbidden } from '../status/api-error.ts';

const SCHEME = /^Bearer +/i;

/** Makes the check of an `Authorization` header. Time tells how long the right token is, not how much of a wrong one is right. */
export function bearerCheck(token: string): (header: string | undefined) => boolean {
  const expected = Buffer.from(token);
  return (header = '') => {
    const given = Buffer.from(header.replace(SCHEME, ''));
    return SCHEME.test(header) && given.length === expected.length && timingSafeEqual(given, expected);
  };
}

/**
 * Why a request may not act as somebody else (`kubectl --as`), undefined when it does not ask to. There is one user, who may do everything:
 * doing it as that user all the same would tell a person who tries out somebody's rights that they have them all.
 */
export function impersonationError(headers: IncomingHttpHeaders, username: string): ApiError | undefined {
  const header = Object.keys(headers).find((name) => name.startsWith('impersonate-'));
  if (header === undefined) return undefined;
  const asked = headers['impersonate-user'];
  const why = `User ${JSON.stringify(username)} cannot impersonate resource "users" in API group "" at the cluster scope`;
  return forbidden(
    { group: '', plural: 'users' },
    typeof asked === 'string' ? asked : '',
    `${why}: the local engine has one user`,
  );
}
