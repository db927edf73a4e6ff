import { createHash } from 'node:crypto';

const MAX_SLUG = 40;
/** Letters that decomposition does not take apart. */
const SPELLED: Record<string, string> = { ß: 'ss', ø: 'o', æ: 'ae', œ: 'oe', ł: 'l', đ: 'd', þ: 'th', ð: 'd', ı: 'i' };

/** A safe file name made of words: lower-case ASCII, dashes, at most 40 characters, never empty. Text without Latin letters gets a name from its hash. */
export function slugOf(words: string, fallback = 'goal'): string {
  const latin = words
    .toLowerCase()
    .replace(/[ßøæœłđþðı]/g, (letter) => SPELLED[letter] ?? letter)
    .normalize('NFKD')
    .replace(/[\u0300-\u036f]/g, '');
  const parts = latin.match(/[a-z0-9]+/g) ?? [];
  let slug = '';
  for (const part of parts) {
    const longer = slug === '' ? part.slice(0, MAX_SLUG) : `${slug}-${part}`;
    if (longer.length > MAX_SLUG) break;
    slug = longer;
  }
  // `con`, `nul` and their like are no file names everywhere.
  if (slug === '' || /^(con|prn|aux|nul|com\d|lpt\d)$/.test(slug))
    return `${fallback}-${createHash('sha256').update(words).digest('hex').slice(0, 8)}`;
  return slug;
}
