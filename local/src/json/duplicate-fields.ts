/**
 * Finds members that a JSON text gives twice. `JSON.parse` keeps the last one silently; strict field validation must tell.
 * @param text valid JSON. @returns paths such as `spec.balls`, in the order of the text.
 */
export function duplicateFields(text: string): string[] {
  const scan: Scan = { text, at: 0, found: [] };
  scanValue(scan, '');
  return scan.found;
}

interface Scan {
  text: string;
  at: number;
  found: string[];
}

const SPACE = /[\s]*/y;
const SCALAR = /[^,\]}\s]*/y;
const STRING = /"(?:[^"\\]|\\.)*"/y;

function skip(scan: Scan, pattern: RegExp): string {
  pattern.lastIndex = scan.at;
  const [match = ''] = pattern.exec(scan.text) ?? [];
  scan.at += match.length;
  return match;
}

function scanValue(scan: Scan, path: string): void {
  skip(scan, SPACE);
  const first = scan.text[scan.at];
  if (first === '{') scanObject(scan, path);
  else if (first === '[') scanList(scan, path);
  else skip(scan, first === '"' ? STRING : SCALAR);
  skip(scan, SPACE);
}

/** Steps over an opening bracket, or a comma. @returns false at the closing bracket, which is stepped over too. */
function advance(scan: Scan, close: string): boolean {
  scan.at += 1;
  if (scan.text[scan.at - 1] === close || scan.at > scan.text.length) return false;
  skip(scan, SPACE);
  if (scan.text[scan.at] !== close) return true;
  scan.at += 1;
  return false;
}

function scanObject(scan: Scan, path: string): void {
  const seen = new Set<string>();
  while (advance(scan, '}')) {
    const member = JSON.parse(skip(scan, STRING)) as string;
    const memberPath = path ? `${path}.${member}` : member;
    if (seen.has(member)) scan.found.push(memberPath);
    seen.add(member);
    skip(scan, SPACE);
    scan.at += 1;
    scanValue(scan, memberPath);
  }
}

function scanList(scan: Scan, path: string): void {
  for (let index = 0; advance(scan, ']'); index += 1) scanValue(scan, `${path}[${index}]`);
}
