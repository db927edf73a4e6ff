import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { generatedFiles } from './generated-files.ts';

const root = join(import.meta.dirname, '..');

describe('generated files', () => {
  it.each([...generatedFiles()].map(([path, content]) => ({ path, content })))(
    '$path is fresh',
    ({ path, content }) => {
      expect(readFileSync(join(root, path), 'utf8')).toBe(content);
    },
  );
});
