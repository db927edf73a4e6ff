import { unsafePathReason } from '@dark-carnival/crds';
import type { DraftTask } from './draft-task.ts';

/** Names that are files without an extension. */
const BARE_NAMES = new Set(['makefile', 'dockerfile', 'license', 'notice', 'procfile', 'codeowners']);

/**
 * Gives every file a path of its own that is safe to write. Spelling is mended: spaces, odd characters, a missing extension, two tasks with
 * one path. A path that leads out (`../x`, `/etc/x`, NUL) is left as it is: it is refused, not reinterpreted.
 */
export function mendPaths(tasks: DraftTask[], say: (repair: string) => void): void {
  const taken: string[] = [];
  for (const task of tasks) {
    const path = pathOf(task, say);
    if (path === undefined) {
      delete task.path;
      taken.push(`analysis/${task.id}.md`);
      continue;
    }
    const free = freePath(path, taken);
    if (free !== path) say(`${task.id}: the path “${path}” was taken; it is “${free}”`);
    task.path = free;
    taken.push(free.toLowerCase());
  }
}

function pathOf(task: DraftTask, say: (repair: string) => void): string | undefined {
  const { id, kind, path } = task;
  if (typeof path !== 'string') {
    if (kind !== 'File') return undefined;
    say(`${id}: the path was missing; it is “docs/${id}.md”`);
    return `docs/${id}.md`;
  }
  if (leadsOut(path)) return path;
  if (kind === 'Analysis' && !/\.(md|txt)$/i.test(path) && path.includes('.')) {
    say(`${id}: an analysis is written in Markdown; the path “${path}” was left out`);
    return undefined;
  }
  const spelled = withExtension(spell(path), kind);
  if (spelled !== path) say(`${id}: the path “${path}” is written “${spelled}”`);
  return spelled;
}

const leadsOut = (path: string): boolean =>
  path.includes('\0') || /^[/\\~]|^[A-Za-z]:/.test(path.trim()) || path.split(/[/\\]/).includes('..');

function spell(path: string): string {
  return path
    .trim()
    .split(/[/\\]+/)
    .filter((segment) => segment !== '' && segment !== '.')
    .map((segment) =>
      segment
        .normalize('NFKD')
        .replace(/[\u0300-\u036f]/g, '')
        .replace(/[^A-Za-z0-9_.-]+/g, '-')
        .replace(/\.{2,}/g, '.')
        .replace(/^[.-]+|[.-]+$/g, ''),
    )
    .filter((segment) => segment !== '')
    .join('/');
}

function withExtension(path: string, kind: unknown): string {
  const name = path.split('/').at(-1) ?? '';
  if (path === '' || name.includes('.') || (kind === 'File' && BARE_NAMES.has(name.toLowerCase()))) return path;
  return `${path}.md`;
}

/** The path itself, or the first numbered one that collides with no other: neither by case nor as a folder. */
function freePath(path: string, taken: readonly string[]): string {
  if (unsafePathReason(path) !== undefined || isFree(path, taken)) return path;
  // Another name for the file is enough, unless the folder that it lies in is a file of another task.
  const renamed = numbered((number) => path.replace(/(\.[^./]+)?$/, (extension) => `-${number}${extension}`));
  const moved = numbered((number) => path.replace('/', `-${number}/`));
  return [...renamed, ...moved].find((candidate) => isFree(candidate, taken)) ?? path;
}

/** As many candidates as a plan has tasks at most. */
const numbered = (make: (number: number) => string): string[] =>
  Array.from({ length: 50 }, (_, index) => make(index + 2));

function isFree(path: string, taken: readonly string[]): boolean {
  const key = path.toLowerCase();
  return !taken.some((other) => other === key || other.startsWith(`${key}/`) || key.startsWith(`${other}/`));
}
