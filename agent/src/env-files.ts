import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { StartError } from './start-error.ts';

/** The original kept its variables in `Self-R/.env`. */
const FILES = ['.env', join('Self-R', '.env')];

/**
 * The environment with what `.env` and `Self-R/.env` add to it: the environment wins over the first, which wins over the second. Empty ones count as not set.
 * @throws StartError for a file that is there and cannot be read.
 */
export async function withEnvFiles(
  env: Readonly<Record<string, string | undefined>>,
  cwd: string,
): Promise<Record<string, string | undefined>> {
  const all: Record<string, string | undefined> = { ...env };
  for (const file of FILES) {
    const content = contentOf(join(cwd, file));
    if (content === undefined) continue;
    // Loaded only where there is something to read.
    const { parse } = await import('dotenv');
    for (const [name, value] of Object.entries(parse(content))) all[name] ||= value;
  }
  return all;
}

function contentOf(path: string): Buffer | undefined {
  try {
    return readFileSync(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw new StartError(`${path} cannot be read (${code})`);
  }
}
