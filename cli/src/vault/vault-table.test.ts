import type { HubVaultList } from '@dark-carnival/crds';
import { describe, expect, it } from 'vitest';
import { vaultTable } from './vault-table.ts';

const NOW = Date.parse('2026-11-24T12:00:00Z');
const file = (name: string, state?: 'Intact' | 'Changed'): HubVaultList['files'][number] => ({
  node: 'lxc-core',
  file: `tide/${name}`,
  namespace: 'default',
  objective: 'tide',
  objectiveUID: 'u1',
  task: 't1',
  title: 'Write it',
  sha256: `sha256:${'0'.repeat(64)}`,
  bytes: 1200,
  provider: 'kimi',
  model: 'kimi-k2',
  rehearsal: false,
  usage: { inputTokens: 1, outputTokens: 1 },
  createdAt: '2026-11-24T11:58:00Z',
  ...(state ? { state } : {}),
});

describe('the list of the vault', () => {
  it('is without a column of states while every file is whole', () => {
    const lines = vaultTable({ files: [file('a.md', 'Intact'), file('b.md')], unreachable: [] }, NOW).split('\n');
    expect(lines[0]).toMatch(/^FILE +SIZE +MODEL +AGE +TITLE/);
    expect(lines).toHaveLength(3);
  });

  it('marks a file that was changed behind the vault, and names one that is gone', () => {
    const gone = { ...file('gone.md'), state: 'Missing' as const };
    const list = { files: [file('a.md', 'Changed'), file('b.md')], missing: [gone], unreachable: [] };
    const lines = vaultTable(list, NOW).split('\n');
    expect(lines[0]).toMatch(/STATE/);
    expect(lines.slice(1).map((line) => /Changed|Intact|Missing/.exec(line)?.[0])).toEqual([
      'Changed',
      'Intact',
      'Missing',
    ]);
  });

  it('says so when there is nothing', () => {
    expect(vaultTable({ files: [], unreachable: [] }, NOW)).toBe('the vault is empty');
  });
});
