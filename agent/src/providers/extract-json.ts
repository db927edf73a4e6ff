/** An object found in an answer, and whether its JSON had to be mended to be read. */
export interface FoundJson {
  value: unknown;
  mended: boolean;
}

/** Answers are bounded by maxTokens; this bounds the work where an endpoint ignores that. */
const MAX_TEXT = 1_000_000;
const MAX_CANDIDATES = 64;

/**
 * Finds the JSON object in an answer: the whole text, a fenced block, or the longest object that stands in prose; mended at most once with
 * jsonrepair. Only objects count: a stray `[1]` or `null` in prose is no answer.
 */
export async function findJson(answer: string): Promise<FoundJson | undefined> {
  const text = answer.slice(0, MAX_TEXT).replace(/<think>[\s\S]*?<\/think>/g, '');
  const whole = parseObject(text.trim());
  if (whole !== undefined) return { value: whole, mended: false };
  const candidates = balancedObjects(text).sort((left, right) => right.length - left.length);
  for (const candidate of candidates) {
    const value = parseObject(candidate);
    if (value !== undefined) return { value, mended: false };
  }
  const first = text.indexOf('{');
  if (first < 0) return undefined;
  const last = text.lastIndexOf('}');
  return mend(candidates[0] ?? text.slice(first, last > first ? last + 1 : undefined));
}

async function mend(broken: string): Promise<FoundJson | undefined> {
  const { jsonrepair } = await import('jsonrepair');
  try {
    const value = parseObject(jsonrepair(broken));
    return value === undefined ? undefined : { value, mended: true };
  } catch {
    return undefined;
  }
}

function parseObject(text: string): object | undefined {
  if (!text.startsWith('{')) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** A brace that can open an object: a key, a comment or its end follows. Others stand in prose. */
const OBJECT_START = /\{(?=\s*(?:"(?:\\.|[^"\\])*"\s*:|'[^'\n]*'\s*:|\w+\s*:|\/[/*]|\}))/g;

/** The outermost `{…}` of a text, in order. Where one is not closed the rest was cut off. */
function balancedObjects(text: string): string[] {
  const found: string[] = [];
  let from = 0;
  for (const { index } of text.matchAll(OBJECT_START)) {
    if (found.length >= MAX_CANDIDATES) break;
    if (index < from) continue;
    const end = closingBrace(text, index);
    if (end === undefined) break;
    found.push(text.slice(index, end));
    from = end;
  }
  return found;
}

/** The index after the brace that closes the one at `start`; braces within JSON strings do not count. */
function closingBrace(text: string, start: number): number | undefined {
  const tokens = /"(?:\\.|[^"\\])*"|[{}]/g;
  tokens.lastIndex = start;
  let depth = 0;
  for (let token = tokens.exec(text); token; token = tokens.exec(text)) {
    if (token[0] === '{') depth += 1;
    else if (token[0] === '}') depth -= 1;
    if (depth === 0) return tokens.lastIndex;
  }
  return undefined;
}
