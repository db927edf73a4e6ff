import { join } from 'node:path';

const workspaces = join(import.meta.dirname, '..', '..', '..');

/** The programs that `carnival up` starts: other workspaces, reached as processes and never imported. */
export const PROGRAMS = {
  api: join(workspaces, 'local', 'src', 'serve.ts'),
  controller: join(workspaces, 'controller', 'src', 'main.ts'),
  wagon: join(workspaces, 'agent', 'src', 'main.ts'),
} as const;

/**
 * V8's flags for each, where its defaults weigh more than they save. The young generation (the bound is of half of it, in MB) grows at the start already, and a
 * process at rest keeps it. Maglev, the compiler between the first and the last, takes 20 MB while it works, and malloc keeps them. Measured:
 * docs/decisions/0004-a-light-start.md, for the API server 0007-a-list-is-never-whole.md.
 */
export const V8_FLAGS = {
  api: ['--max-semi-space-size=2', '--no-maglev'],
  controller: ['--max-semi-space-size=4'],
  wagon: ['--max-semi-space-size=2'],
} as const;

/** Folder of the generated CRDs. */
export const CRD_FOLDER = join(workspaces, 'crds', 'generated');
