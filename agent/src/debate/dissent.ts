import { clip } from '@dark-carnival/crds/text';

/** What the contract holds of a critic's objections. */
const MAX_OBJECTIONS = 8;
const MAX_OBJECTION = 256;

const SEVERITIES = ['blocker', 'major', 'minor'] as const;
const BULLET = /^\s*(?:[-*•]|\d{1,2}[.)])\s+(?=\S)/;
const NOTHING = /^(?:none|nothing|n\/a|no objections?)\b/i;

/**
 * The objections in a critic's words, the gravest first. The form that was asked for is lines with a severity; bullets without one and
 * plain prose are read too, since not every model keeps to a form. An accepting critic may still object.
 */
export function objectionsIn(answer: string): string[] {
  const lines = answer.split('\n');
  const bullets = lines.filter((line) => BULLET.test(line)).map((line) => plain(line.replace(BULLET, '')));
  const accepts = /\bVERDICT:\s*\**accept/i.test(answer);
  const found =
    bullets.length > 0 ? bullets : accepts ? [] : sentences(lines.filter((line) => !/^\W*VERDICT\b/i.test(line)));
  return [...new Set(found)]
    .filter((text) => text.length > 2 && !NOTHING.test(text))
    .sort((left, right) => gravity(left) - gravity(right))
    .slice(0, MAX_OBJECTIONS)
    .map((text) => clip(text, MAX_OBJECTION));
}

/** Stands in the place of objections where there was no critic to make them: that nobody objected must not look like approval. */
export const noCriticHeard = (why: string): string => clip(`no critic was heard: ${plain(why)}`, MAX_OBJECTION);

function gravity(text: string): number {
  const at = SEVERITIES.findIndex((severity) => new RegExp(`^\\[?${severity}\\b`, 'i').test(text));
  return at < 0 ? 1 : at;
}

function sentences(lines: readonly string[]): string[] {
  const prose = lines.filter((line) => !/^\s*(#|```|REHEARSAL)/.test(line)).join(' ');
  return (prose.match(/[^.!?。！？]+[.!?。！？]*/g) ?? []).map(plain);
}

/** Without Markdown, and without the delimiters of the prompt, which small models repeat. */
const plain = (text: string): string =>
  text
    .replace(/\*\*|__|`|<<<[A-Z-]*|[A-Z-]*>>>/g, '')
    .replace(/\s+/g, ' ')
    .trim();
