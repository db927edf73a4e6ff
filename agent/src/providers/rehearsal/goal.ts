import { clip } from '@dark-carnival/crds/text';
import { slugOf } from './slug.ts';

/** What kind of work a directive asks for; decides which files a plan leaves. */
export type GoalKind = 'code' | 'cleanup' | 'brief' | 'runbook' | 'comparison' | 'checklist' | 'plan';

/** Which small module fits the topic, where code is to be left. */
export type ModuleShape = 'series' | 'parser' | 'records';

/** What the Rehearsal understood of a directive. A pure function of it. */
export interface Goal {
  /** The directive on one line, at most 300 code points: to be quoted. */
  directive: string;
  kind: GoalKind;
  /** What it is about, in the directive's own words: "tide chart". */
  topic: string;
  /** The topic within a sentence: "the tide chart", "heat pumps". */
  named: string;
  /** The topic as a heading: "Tide chart". */
  title: string;
  /** The topic as a file name: "tide-chart". */
  slug: string;
  /** For whom or what: "a small harbour"; may be empty. */
  setting: string;
  /** What the directive asks for beside the topic, clause by clause; at most 6. */
  wants: string[];
  /** What is to be compared; empty but for comparisons. */
  options: string[];
  language: 'JavaScript' | 'Python';
  shape: ModuleShape;
  /** Whether it names any number: of days, items, users. */
  isMeasured: boolean;
}

/** In order: the first that matches decides, so the more telling words stand first. */
const KINDS: readonly [GoalKind, RegExp][] = [
  ['runbook', /\b(run ?book|play ?book|incident|on-call|fail ?over|disaster|procedure)\b/i],
  ['checklist', /\bcheck ?-?list\b/i],
  ['comparison', /\b(compar\w+|versus|vs\.?|choose between|pros and cons)\b/i],
  [
    'cleanup',
    /\b(clean\w*|de-?dup\w*|normali[sz]e|tidy|scrub)\b.*\b(csv|data|spreadsheet|records?|addresses|table|export|list)\b/is,
  ],
  ['cleanup', /\b(csv|data|spreadsheet)\b.*\b(clean\w*|de-?dup\w*|normali[sz]e|tidy|scrub)\b/is],
  ['brief', /\b(brief|research|investigat\w+|survey|literature|white ?paper|report on)\b/i],
  [
    'code',
    /\b(module|library|function|package|parser?|script|program|cli|command[- ]line|client|unit tests?|tests|implement|code|algorithm)\b/i,
  ],
  ['brief', /\b(study|find out|explain|overview)\b/i],
];
const SERIES =
  /\b(charts?|tides?|trends?|series|readings?|measur\w+|temperatures?|sensors?|track\w*|graphs?|plots?|forecasts?|levels?|log ?book)\b/i;
const PARSER = /\b(pars\w+|convert\w*|decod\w+|import\w*|translat\w+|formats?|syntax|read\w*)\b/i;

const LEAD =
  /^(?:please|kindly|hi|hello|can you|could you|would you|i (?:want|need|would like)(?: you)?(?: to)?|we (?:want|need)(?: you)?(?: to)?|let us|let's|help (?:me|us)(?: to)?)[\s,]+/i;
const VERB =
  /^(?:plan|write|build|create|make|design|draft|prepare|research|investigate|compare|clean(?: ?up)?|tidy(?: up)?|de-?duplicate|normali[sz]e|develop|implement|produce|generate|set up|organi[sz]e|document|describe|explain|summari[sz]e|list|outline|propose|find out|work out|study|survey|give|compile|put together)\b\s*/i;
const ARTICLE = /^(?:a|an|the|our|my|some|this|these)\s+/i;
/** "a JavaScript module that", "a research brief on", "the CSV export of": what contains the topic, not the topic. */
const CONTAINER =
  /^(?:(?:a|an|the|our|my|some|this)\s+)?(?:(?:short|small|simple|tiny|one-page|first|complete|practical|javascript|js|typescript|node(?:\.js)?|python|research|data|clean-?up|messy|comparison|step-by-step|decision|test(?:ed)?|csv)\s+)*(?:module|library|package|script|program|function|tool|cli|brief|report|note|paper|run ?book|play ?book|check ?-?list|plan|road ?map|comparison|guide|study|overview|csv|spreadsheet|file|table|export|list|procedure)s?\s+(of|on|about|for|that|which|to|with|how to)\s+/i;
/** "Research brief: …", "Runbook: …": says what is to be left, before what it is about. */
const LABEL =
  /^(?:[\w-]+\s){0,2}(?:module|library|script|program|tool|brief|report|note|paper|run ?book|play ?book|check ?-?list|plan|comparison|guide|study|overview|research|task|goal)s?\s*:\s+(?=\S)/i;
const TOPIC_END =
  /[,.;:!?()\n]|\s(?:for|with|that|which|so|using|by|and|in|on|at|from|to|when|where|before|after|without|who|into)\s/i;

/** Reads a directive. */
export function goalOf(directive: string): Goal {
  const text = directive.replace(/\s+/g, ' ').trim();
  const kind = KINDS.find(([, words]) => words.test(text))?.[0] ?? 'plan';
  const options = kind === 'comparison' ? optionsOf(text) : [];
  const { topic, named } = options.length > 1 ? withoutArticle(joinWords(options)) : topicOf(text);
  return {
    directive: clip(text, 300),
    kind,
    topic,
    named,
    title: topic.charAt(0).toUpperCase() + topic.slice(1),
    slug: slugOf(topic),
    setting: settingOf(text, topic),
    wants: wantsOf(directive).filter((want) => !options.some((option) => want.includes(option))),
    options,
    language: /\bpython\b/i.test(text) ? 'Python' : 'JavaScript',
    shape: SERIES.test(text) ? 'series' : PARSER.test(text) ? 'parser' : 'records',
    isMeasured: /\d|\b(two|three|four|five|six|seven|eight|nine|ten|dozen|daily|weekly|monthly|hourly)\b/i.test(text),
  };
}

/** Words that cannot end a topic: what they lead to was cut off. */
const DANGLING = /(?:\s+(?:of|the|a|an|our|my|its|their|and|or|as|how|into))+$/i;

const withoutArticle = (topic: string) => ({ topic, named: topic });

function topicOf(text: string): { topic: string; named: string } {
  let rest = text.replace(LABEL, '');
  for (let before = ''; before !== rest; ) {
    before = rest;
    rest = rest
      .replace(LEAD, '')
      .replace(VERB, '')
      .replace(/^(?:me|us)\s+/i, '');
  }
  const container = CONTAINER.exec(rest);
  if (container) {
    rest = rest.slice(container[0].length);
    // "a module that parses durations": the verb belongs to the module, the topic is what follows.
    if (/^(that|which|to|how to)$/i.test(container[1] ?? '')) rest = rest.replace(/^\S+\s+(?=\S)/, '');
  }
  const isNamed = ARTICLE.test(rest);
  rest = rest.replace(ARTICLE, '');
  const end = TOPIC_END.exec(rest)?.index ?? rest.length;
  const words = firstWords(rest.slice(0, end));
  const topic = clip(words === '' ? firstWords(text) : words, 60);
  return { topic, named: isNamed && words !== '' ? `the ${topic}` : topic };
}

const firstWords = (text: string): string =>
  text
    .trim()
    .split(' ')
    .slice(0, 6)
    .join(' ')
    .replace(DANGLING, '')
    .replace(/[.,;:!?]+$/, '');

/** "for a small harbour", "for new nurses", "of a dental clinic"; not where that is the topic itself. */
function settingOf(text: string, topic: string): string {
  for (const match of text.matchAll(/\s(?=(?:for\s+(?=\D)|of\s+(?=(?:an?|our|my)\s))([^,.;:!?()]{2,80}))/gi)) {
    const [phrase = ''] = (match[1] ?? '').split(/\s(?:with|that|which|so|using|and|by|must|should)\s/);
    if (phrase !== '' && !phrase.toLowerCase().includes(topic.toLowerCase())) return clip(phrase.trim(), 80);
  }
  return '';
}

/** "compare A, B and C", "A versus B", "choose between A and B". */
function optionsOf(text: string): string[] {
  const versus = /([\w.+#-]+(?: [\w.+#-]+)?)\s+(?:versus|vs\.?)\s+([\w.+#-]+(?: [\w.+#-]+)?)/i.exec(text);
  if (versus) return [versus[1] ?? '', versus[2] ?? ''].map((option) => option.replace(/^compare\s+/i, ''));
  const listed =
    /\b(?:compar(?:e|ing|ison of|ison between)|between)\s+(.+?)(?:[.;:!?]|\s(?:for|as|in|on|with|by|to|when)\s|$)/i.exec(
      text,
    );
  return (listed?.[1] ?? '')
    .split(/,\s*(?:and\s+|or\s+)?|\s+(?:and|or|with|to)\s+/)
    .map((option) => option.replace(ARTICLE, '').trim())
    .filter((option) => option.length > 0 && option.length <= 40)
    .slice(0, 6);
}

/** Clauses that name the language or ask for tests in general: they decide the files, and are nothing to be covered. */
const SAID_ELSEWHERE = /^(?:(?:in |using )?(?:python|java ?script|typescript|node(?:\.js)?)|(?:unit )?tests?)$/i;

/** Clauses beside the main one: sentences, bullets, and what "with", "that", "must" and "so that" bring in. */
function wantsOf(directive: string): string[] {
  const clauses = directive
    .split(
      /\n\s*(?:[-*•]|\d+[.)])?\s*|[.;:!?](?:\s+|$)|,\s*(?:and\s+)?|\s(?=with\s|that\s|which\s|must\s|should\s|so that\s)/i,
    )
    .slice(1)
    .map((clause) => clause.replace(/^(?:and|with|that|which|it|must|should|so that|please)\s+/gi, '').trim())
    .filter((clause) => clause.length >= 4 && !SAID_ELSEWHERE.test(clause))
    .map((clause) => clip(clause.replace(/\s+/g, ' '), 120));
  return [...new Set(clauses)].slice(0, 6);
}

const joinWords = (words: readonly string[]): string =>
  words.length < 2 ? (words[0] ?? '') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;
