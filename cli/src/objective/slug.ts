/** Words that say nothing about which goal it is. */
const FILLERS = new Set(
  'a an and are as at be by can could do for from give have how i in into is it let make me my of on or our please so some that the their this to us want we what with write you your'.split(
    ' ',
  ),
);
const MAX_WORDS = 5;
/** Leaves room for a suffix within the 52 characters of a name. */
const MAX_LENGTH = 44;

/** A name that people recognise the goal by, such as `plan-tide-chart-small-harbour`; `objective` where no letter of it fits a name. */
export function slugOf(directive: string): string {
  const words = directive
    .slice(0, 400)
    .normalize('NFKD')
    .replace(/\p{M}+/gu, '')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== '');
  const telling = words.filter((word) => !FILLERS.has(word));
  const chosen = (telling.length > 0 ? telling : words).slice(0, MAX_WORDS);
  const slug = chosen.join('-').slice(0, MAX_LENGTH).replace(/-+$/, '');
  return slug === '' ? 'objective' : slug;
}

const ALPHABET = 'bcdfghjklmnpqrstvwxz2456789';
const SUFFIX_LENGTH = 4;

/** The same name, told apart as generateName does it: no vowels, so no words. */
export function withSuffix(slug: string, random: () => number): string {
  const letters = Array.from({ length: SUFFIX_LENGTH }, () => ALPHABET[Math.floor(random() * ALPHABET.length)] ?? 'x');
  return `${slug}-${letters.join('')}`;
}
