/** Letters and digits that cannot be mistaken for each other or make a word. */
const SUFFIX_ALPHABET = 'bcdfghjkmnpqrstvwxz23456789';
const SUFFIX_LENGTH = 5;
/** With a dash and the suffix well below the 52 characters that a name may have. */
const MAX_WORDS_LENGTH = 36;

/** A name that people recognise: the first words of the goal, and a suffix that makes it unique. */
export function objectiveName(directive: string, randomBytes: (size: number) => Buffer): string {
  const words = directive
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== '');
  let name = '';
  for (const word of words) {
    const longer = name === '' ? word.slice(0, MAX_WORDS_LENGTH) : `${name}-${word}`;
    if (longer.length > MAX_WORDS_LENGTH) break;
    name = longer;
  }
  const suffix = [...randomBytes(SUFFIX_LENGTH)].map((byte) => SUFFIX_ALPHABET[byte % SUFFIX_ALPHABET.length]).join('');
  return `${name || 'objective'}-${suffix}`;
}
