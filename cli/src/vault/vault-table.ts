import type { HubVaultList } from '@dark-carnival/crds';
import { ageOf, byteSize } from '../terminal/age.ts';
import { table } from '../terminal/table.ts';
import { safeLine } from '../terminal/untrusted-text.ts';

/** The vault as a list. The first column is what `vault cat` takes. */
export function vaultTable({ files }: HubVaultList, nowMs: number): string {
  if (files.length === 0) return 'the vault is empty';
  const rows = files.map(({ node, file, bytes, rehearsal, model, createdAt, title }) => [
    `${node}/${safeLine(file, 255)}`,
    byteSize(bytes),
    rehearsal ? 'REHEARSAL' : safeLine(model, 40),
    ageOf(createdAt, nowMs),
    safeLine(title, 60),
  ]);
  return table(['FILE', 'SIZE', 'MODEL', 'AGE', 'TITLE'], rows);
}
