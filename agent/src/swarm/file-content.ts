/** Extensions of files that people read as text; everything else is code or data, which must be whole to be of use. */
const PROSE = new Set(['md', 'markdown', 'txt', 'text', 'rst', 'adoc']);

/** Whether a file is prose: a prose file that ends early is still of use, and may hold code fences of its own. */
export function isProse(path: string): boolean {
  const name = path.slice(path.lastIndexOf('/') + 1);
  const dot = name.lastIndexOf('.');
  return dot >= 0 && PROSE.has(name.slice(dot + 1).toLowerCase());
}

const FENCE = /^(```+|~~~+)[ \t]*([^\s`]*)[^\n`]*$/;
const PROSE_FENCE = new Set(['md', 'markdown', 'text', 'txt']);

/**
 * The content of a file out of a model's answer. Models wrap files in a code fence, often with a sentence around it, however they are told:
 * - code: where the answer holds exactly one fenced block, that block is the file (also where its end was forgotten)
 * - prose: only a fence around the whole answer that says it holds Markdown or text is taken off; a document may be one code block
 *
 * Ends with exactly one line break, unless it is empty.
 */
export function contentOf(answer: string, path: string): string {
  const lines = answer.replace(/\r\n/g, '\n').split('\n');
  const body = (isProse(path) ? withoutProseFence(lines) : onlyBlock(lines)) ?? lines;
  const text = body.join('\n').replace(/^\n+/, '').trimEnd();
  return text === '' ? '' : `${text}\n`;
}

function withoutProseFence(lines: string[]): string[] | undefined {
  const first = lines.findIndex((line) => line.trim() !== '');
  const last = lines.findLastIndex((line) => line.trim() !== '');
  const opening = FENCE.exec(lines[first]?.trim() ?? '');
  if (!opening || first === last || !PROSE_FENCE.has(opening[2]?.toLowerCase() ?? '')) return undefined;
  return lines[last]?.trim() === opening[1] ? lines.slice(first + 1, last) : undefined;
}

function onlyBlock(lines: string[]): string[] | undefined {
  const opening = lines.findIndex((line) => FENCE.test(line.trim()));
  if (opening < 0) return undefined;
  const mark = FENCE.exec(lines[opening]?.trim() ?? '')?.[1];
  const closing = lines.findIndex((line, index) => index > opening && line.trim() === mark);
  if (closing < 0) return lines.slice(opening + 1);
  const another = lines.slice(closing + 1).some((line) => FENCE.test(line.trim()));
  return another ? undefined : lines.slice(opening + 1, closing);
}
