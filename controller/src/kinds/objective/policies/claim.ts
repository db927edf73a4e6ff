/** A wagon's words about its work are untrusted: each is either what the assignment asked for, or refused with the reason. */
export type Claim<T> = { outcome: 'believed'; value: T } | { outcome: 'refused'; message: string };
