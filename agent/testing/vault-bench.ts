import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { ObjectiveRef } from '@dark-carnival/crds';
import { FakeClock } from '@dark-carnival/crds/testing';
import { Vault, type VaultWrite } from '../src/vault/vault.ts';
import { OBJECTIVE } from './assignments.ts';
import { temporaryFolder } from './temporary-folder.ts';

/** The same name, made again later. */
export const NEWER: ObjectiveRef = { ...OBJECTIVE, uid: 'ffffffff-0000-4000-8000-000000000002' };

/** A vault in a folder of the test's own, or in one that another vault has left. */
export async function aVault(root?: string) {
  const folder = root ?? (await temporaryFolder());
  const clock = new FakeClock();
  let count = 0;
  const unique = () => {
    count += 1;
    return `u${count}`;
  };
  const open = () => Vault.open(folder, 'default', { clock, unique });
  return { vault: await open(), open, root: folder, clock };
}

export function aFile(path: string, content: string, given: Partial<VaultWrite> = {}): VaultWrite {
  return {
    objective: OBJECTIVE,
    path,
    content,
    origin: {
      task: 't1',
      title: 'Write it',
      provider: 'kimi',
      model: 'kimi-k2.6',
      rehearsal: false,
      usage: { inputTokens: 10, outputTokens: 20 },
    },
    mayCommit: () => true,
    ...given,
  };
}

/** Everything on the disk below a folder, sorted, without what a test does not look at. */
export async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();
}

export const textOf = async (vault: Vault, file: string) => (await vault.read(file)).content.toString('utf8');
