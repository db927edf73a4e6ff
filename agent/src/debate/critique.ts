import { DISSENT_LIMITS, type Objection, SEVERITIES, type Severity, type Verdict } from '@dark-carnival/crds';
import { safeLine } from '@dark-carnival/crds/text';

/** What a critic said, typed. A Reject has at least one objection. */
export interface Critique {
  verdict: Verdict;
  /** The gravest first, numbered o1 to o8 in that order. */
  objections: Objection[];
}

type Draft = Omit<Objection, 'id'>;

const BULLET = /^\s*(?:[-*•]|\d{1,2}[.)])\s+(?=\S)/;
const ID = /^o\d\b[\s:.)-]*/i;
const TAG = /^[[(]?(blocker|major|minor)[\])]?/i;
const LEAD = /^[\s:.•*–-]+/;
const EVIDENCE = /^\s*(?:[-*•]\s+)?evidence\s*:\s*/i;
/** Says that there is no objection. One may begin with the same word: nothing names the reader. */
const NOTHING = /^(?:none|nothing|n\/a|no objections?)(?: (?:found|at all|to object(?: to)?))?\W*$/i;
const VERDICT = /\bVERDICT:?\W{0,4}(accept|reject)/i;

/**
 * Reads a critique from the JSON that was asked for; undefined where it says neither a verdict nor an objection, or rejects without a reason:
 * worth asking again. Never guesses a severity graver than Major.
 */
export function critiqueFromJson(json: unknown): Critique | undefined {
  if (!isRecord(json)) return undefined;
  const listed = json['objections'] ?? json['dissent'];
  const entries = Array.isArray(listed) ? listed : isRecord(listed) ? Object.values(listed) : [];
  return critiqueOf(
    entries.flatMap((entry) => draftOf(entry) ?? []),
    /^accept/i.test(String(json['verdict'])),
  );
}

/** Reads a critique from the lines that a model without JSON is asked for: a verdict, and bullets with a severity. */
export function critiqueFromText(text: string): Critique | undefined {
  const drafts: Draft[] = [];
  for (const line of text.split('\n')) {
    const last = drafts.at(-1);
    if (EVIDENCE.test(line) && last) {
      const evidence = plain(line.replace(EVIDENCE, ''));
      if (evidence !== '') last.evidence = evidence;
    } else if (BULLET.test(line)) drafts.push(taggedDraft(line.replace(BULLET, '')));
  }
  return critiqueOf(drafts, VERDICT.exec(text)?.[1]?.toLowerCase() === 'accept');
}

/** Takes plain prose for a Reject, sentence by sentence: what a model says that keeps to no form. */
export function critiqueFromProse(text: string): Critique | undefined {
  const lines = text.split('\n').filter((line) => !/^\W*VERDICT\b|^\s*(#|```|REHEARSAL)/i.test(line));
  const sentences = lines.join(' ').match(/[^.!?。！？]+[.!?。！？]*/g) ?? [];
  return critiqueOf(sentences.map(taggedDraft), false);
}

/** The critique that a critic's turn holds. Total: turns come from outside. */
export const critiqueFromTurn = (text: string): Critique =>
  critiqueFromText(text) ?? critiqueFromProse(text) ?? { verdict: 'Reject', objections: [] };

/** The form in which a critique is kept as a turn and shown to the tactician: `critiqueFromText` reads the same critique from it. */
export function critiqueText({ verdict, objections }: Critique): string {
  const lines = objections.flatMap(({ id, severity, claim, evidence }) => [
    `- ${id} [${severity}] ${claim}`,
    ...(evidence === undefined ? [] : [`  evidence: ${evidence}`]),
  ]);
  return [`VERDICT: ${verdict}`, ...(lines.length > 0 ? ['', ...lines] : [])].join('\n');
}

function critiqueOf(drafts: readonly Draft[], accepts: boolean): Critique | undefined {
  const meant = drafts.filter(({ claim }) => claim.length > 2 && /[\p{L}\p{N}]/u.test(claim) && !NOTHING.test(claim));
  const distinct = [...new Map(meant.map((draft) => [draft.claim.toLowerCase(), draft])).values()];
  const objections = distinct
    .sort((left, right) => SEVERITIES.indexOf(left.severity) - SEVERITIES.indexOf(right.severity))
    .slice(0, DISSENT_LIMITS.objections)
    .map((draft, index) => ({ id: `o${index + 1}`, ...draft }));
  return accepts || objections.length > 0 ? { verdict: accepts ? 'Accept' : 'Reject', objections } : undefined;
}

function draftOf(entry: unknown): Draft | undefined {
  if (typeof entry === 'string') return taggedDraft(entry);
  if (!isRecord(entry)) return undefined;
  const { severity, claim } = taggedDraft(textOf(entry, ['claim', 'objection', 'text', 'issue', 'description']));
  const evidence = plain(textOf(entry, ['evidence', 'where', 'reason']));
  const given = SEVERITIES.find((known) => known.toLowerCase() === String(entry['severity']).toLowerCase());
  return { severity: given ?? severity, claim, ...(evidence === '' ? {} : { evidence }) };
}

/** A claim that may begin with its id and its severity, as models repeat them. */
function taggedDraft(words: string): Draft {
  const text = plain(words).replace(LEAD, '').replace(ID, '');
  const tag = TAG.exec(text);
  return { severity: severityOf(tag?.[1]), claim: text.slice(tag?.[0].length ?? 0).replace(LEAD, '') };
}

const severityOf = (word: string | undefined): Severity =>
  SEVERITIES.find((severity) => severity.toLowerCase() === word?.toLowerCase()) ?? 'Major';

/** One line without Markdown, and without the delimiters of the prompt, which small models repeat. */
const plain = (text: string): string =>
  safeLine(text.replace(/\*\*|__|`|<<<[A-Z-]*|[A-Z-]*>>>/g, ''), DISSENT_LIMITS.text);

function textOf(source: Record<string, unknown>, names: readonly string[]): string {
  for (const name of names) {
    const value = source[name];
    if (typeof value === 'string' && value.trim() !== '') return value;
  }
  return '';
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
