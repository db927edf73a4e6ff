import { join } from 'node:path';

const workspaces = join(import.meta.dirname, '..', '..', '..');

/** The programs that `carnival up` starts: other workspaces, reached as processes and never imported. */
export const PROGRAMS = {
  api: join(workspaces, 'local', 'src', 'serve.ts'),
  controller: join(workspaces, 'controller', 'src', 'main.ts'),
  wagon: join(workspaces, 'agent', 'src', 'main.ts'),
} as const;

/**
 * Of the API server's process. Every thread of V8's keeps what it once needed in an arena of its own, some 15 MB together: one for all keeps less.
 * Only glibc reads it. Measured: docs/decisions/0007-a-list-is-never-whole.md.
 */
export const API_SERVER_ENV = { MALLOC_ARENA_MAX: '1' } as const;

/**
 * Upper bound of half of V8's young generation (`--max-semi-space-size`), in MB, where its default of 16 weighs more than it saves: it grows at
 * the start already, and a process at rest keeps it. Measured: docs/decisions/0004-a-light-start.md, for the API server 0007-a-list-is-never-whole.md.
 */
export const YOUNG_GENERATION_MB = { api: 1, controller: 4, wagon: 2 } as const;

/** Folder of the generated CRDs. */
export const CRD_FOLDER = join(workspaces, 'crds', 'generated');
