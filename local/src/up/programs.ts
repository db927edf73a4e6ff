import { join } from 'node:path';

const workspaces = join(import.meta.dirname, '..', '..', '..');

/** The programs that `carnival up` starts: other workspaces, reached as processes and never imported. */
export const PROGRAMS = {
  api: join(workspaces, 'local', 'src', 'serve.ts'),
  controller: join(workspaces, 'controller', 'src', 'main.ts'),
  wagon: join(workspaces, 'agent', 'src', 'main.ts'),
} as const;

/** Folder of the generated CRDs. */
export const CRD_FOLDER = join(workspaces, 'crds', 'generated');
