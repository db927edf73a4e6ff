import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Settings } from '@dark-carnival/crds';
import { parse } from 'dotenv';

/** The original kept its variables in `Self-R/.env`. */
const FILES = ['.env', join('Self-R', '.env')];

/** Collects the variables: the environment wins over `./.env`, which wins over `./Self-R/.env`. Empty ones count as not set. */
export function readSettings(env: Readonly<Record<string, string | undefined>>, cwd: string): Settings {
  const settings = new Map<string, { value: string; from: string }>();
  const add = (values: Readonly<Record<string, string | undefined>>, from: string) => {
    for (const [name, value] of Object.entries(values)) {
      const trimmed = value?.trim();
      if (trimmed && !settings.has(name)) settings.set(name, { value: trimmed, from });
    }
  };
  add(env, 'the environment');
  for (const file of FILES) add(readEnvFile(join(cwd, file)), file);
  return settings;
}

function readEnvFile(path: string): Record<string, string> {
  try {
    return parse(readFileSync(path));
  } catch {
    // No such file is the normal case, and an unreadable one offers nothing.
    return {};
  }
}
