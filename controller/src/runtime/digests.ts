import { createHash } from 'node:crypto';
import { canonicalJson } from '@dark-carnival/crds';

/** `sha256:` over the UTF-8 bytes of a text. */
export const sha256 = (text: string): string => `sha256:${createHash('sha256').update(text, 'utf8').digest('hex')}`;

/** `sha256:` over the canonical JSON of a value. */
export const digestOf = (value: unknown): string => sha256(canonicalJson(value));
