import { clip } from '@dark-carnival/crds/text';

/** Things that look like a key, also half masked as providers quote them back (`sk-ab***yz`). */
const KEY_LIKE = /\b(?:sk|gsk|pk|rk|xai|key|token)[-_][A-Za-z0-9*_-]{4,}|\bAIza[A-Za-z0-9_-]{10,}|\bBearer\s+\S+/gi;

/** Control characters would let an endpoint write into a terminal or forge a log line. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is taken out
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g;

/** Makes words of an endpoint fit for logs and status: no keys, no control characters, at most `max` code points. */
export function redact(text: string, secrets: readonly string[], max = 200): string {
  let safe = text;
  for (const secret of secrets) if (secret.length > 0) safe = safe.replaceAll(secret, '***');
  return clip(safe.replace(KEY_LIKE, '***').replace(CONTROL, ' ').trim(), max);
}
