import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { generatedFiles } from './generated-files.ts';

/** Writes every generated file. `npm run verify` makes them again in memory and fails where they differ from what is committed. */
const root = join(import.meta.dirname, '..');
for (const [path, content] of generatedFiles()) {
  const target = join(root, path);
  mkdirSync(dirname(target), { recursive: true });
  writeFileSync(target, content);
}
