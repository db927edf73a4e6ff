import { createHash, timingSafeEqual } from 'node:crypto';

/** Under which a secret is remembered: a dump of the map, or a timing of its look-up, tells nobody the secret. */
export const secretDigest = (secret: string): string => createHash('sha256').update(secret).digest('base64url');

/** Compares digests, which have one length: neither length nor content of a secret can be measured. */
export function sameSecret(presented: string, expected: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(presented), digest(expected));
}
