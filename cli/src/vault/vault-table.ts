import type { HubVaultList } from '@dark-carnival/crds';
import { safeLine } from '@dark-carnival/crds/text';
import { ageOf, byteSize } from '../terminal/age.ts';
import { table } from '../terminal/table.ts';

/** The vault as a list. The first column is what `vault cat` takes. A file that is not what its sidecar vouches for has a STATE. */
export function vaultTable({ files, missing = [] }: HubVaultList, nowMs: number): string {
  if (files.length + missing.length === 0) return 'the vault is empty';
  const isWhole = missing.length === 0 && files.every(({ state }) => state !== 'Changed');
  const rows = [...files, ...missing].map(
    ({ node, file, bytes, rehearsal, model, createdAt, title, state = 'Intact' }) => [
      `${node}/${safeLine(file, 255)}`,
      byteSize(bytes),
      ...(isWhole ? [] : [state]),
      rehearsal ? 'REHEARSAL' : safeLine(model, 40),
      ageOf(createdAt, nowMs),
      safeLine(title, 60),
    ],
  );
  return table(['FILE', 'SIZE', ...(isWhole ? [] : ['STATE']), 'MODEL', 'AGE', 'TITLE'], rows);
}
