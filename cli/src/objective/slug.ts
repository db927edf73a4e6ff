/** Words that say nothing about which goal it is. */
const FILLERS = new Set(
  'a an and are as at be by can could do for from give have how i in into is it let me my of on or our please so some that the their this to us want we what with you your'.split(
    ' ',
  ),
);
/** Most goals begin by saying what shall be done: `plan-tide-chart` would read oddly after `carnival plan`. */
const COMMANDS = new Set(
  'add build compare create define describe design develop draft explain find generate implement list make outline plan prepare produce research review summarise summarize survey turn write'.split(
    ' ',
  ),
);
const MAX_WORDS = 5;
/** Leaves room for a suffix within the 52 characters of a name. */
const MAX_LENGTH = 44;

/** A name that people recognise the goal by, such as `tide-chart-small-harbour`; `objective` where no letter of it fits a name. */
export function slugOf(directive: string): string {
  const words = directive
    .slice(0, 400)
    .normalize('NFKD')
    .replace(/\p{M}+/gu, '')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== '');
  const telling = words.filter((word) => !FILLERS.has(word));
  const named = telling.length > 2 && COMMANDS.has(telling[0] ?? '') ? telling.slice(1) : telling;
  const chosen = (named.length > 0 ? named : words).slice(0, MAX_WORDS);
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
