import { MAX_PATH, PATH_PATTERN, type PlanIssue, type PlanTask } from './plan.ts';

/** Names that Windows reserves, with or without an extension: a vault may be copied there. */
const RESERVED = /^(con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?$/i;

/** Says why a path may not be used inside a vault, or nothing. Paths are safe by construction: relative, ASCII, no dot segments. */
export function unsafePathReason(path: string): string | undefined {
  if (path.length > MAX_PATH) return `is longer than ${MAX_PATH} characters`;
  if (!PATH_PATTERN.test(path))
    return 'must be relative, made of letters, digits, dot, dash and underscore, without a segment that starts with a dot';
  const bad = path
    .split('/')
    .find((segment) => segment.endsWith('.') || segment.includes('..') || RESERVED.test(segment));
  return bad === undefined ? undefined : `has the segment ${bad}, which is not a safe file name`;
}

/** The path of the file that a task leaves: its own, or one made of its id. */
export function artifactPath(task: Pick<PlanTask, 'id' | 'path'>): string {
  return task.path ?? `analysis/${task.id}.md`;
}

/** Every path is safe, and no two tasks write to one place on any file system: case is folded, and a file is no folder of another. */
export function checkPaths(tasks: PlanTask[]): PlanIssue[] {
  const issues: PlanIssue[] = [];
  const taken = new Map<string, string>();
  for (const [index, task] of tasks.entries()) {
    const path = artifactPath(task);
    const reason = unsafePathReason(path);
    if (reason !== undefined)
      issues.push({ code: 'UnsafePath', path: `tasks.${index}.path`, message: `${JSON.stringify(path)} ${reason}` });
    const key = path.toLowerCase();
    const other =
      taken.get(key) ?? [...taken.keys()].find((known) => known.startsWith(`${key}/`) || key.startsWith(`${known}/`));
    if (other !== undefined) {
      issues.push({
        code: 'PathCollision',
        path: `tasks.${index}.path`,
        message: `${JSON.stringify(path)} collides with ${JSON.stringify(taken.get(key) ?? other)}`,
      });
    }
    taken.set(key, path);
  }
  return issues;
}
