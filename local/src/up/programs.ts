import { join } from 'node:path';

const workspaces = join(import.meta.dirname, '..', '..', '..');

/** The programs that `carnival up` starts: other workspaces, reached as processes and never imported. */
export const PROGRAMS = {
  api: join(workspaces, 'local', 'src', 'serve.ts'),
  controller: join(workspaces, 'controller', 'src', 'main.ts'),
  wagon: join(workspaces, 'agent', 'src', 'main.ts'),
} as const;

/**
 * Upper bound of half of V8's young generation (`--max-semi-space-size`), in MB, where its default of 16 weighs more than it saves: it grows at
 * the start already, and a process at rest keeps it. Measured: docs/decisions/0004-a-light-start.md.
 */
export const YOUNG_GENERATION_MB = { controller: 4, wagon: 2 } as const;

/** Folder of the generated CRDs. */
export const CRD_FOLDER = join(workspaces, 'crds', 'generated');
