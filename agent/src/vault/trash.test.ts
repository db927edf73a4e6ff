import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { aFile, aVault, NEWER, textOf } from '../../testing/vault-bench.ts';

const HOUR = 3_600_000;

describe('deleting', () => {
  it('moves a file out of sight, and back again as it was', async () => {
    const { vault, root } = await aVault();
    await vault.write(aFile('docs/deep/chart.md', 'precious'));
    const [before] = await vault.list({ all: false });
    await vault.delete('tide-chart/docs/deep/chart.md');
    expect(await vault.list({ all: true })).toEqual([]);
    expect(vault.totals).toEqual({ files: 0, bytes: 0 });
    await expect(vault.read('tide-chart/docs/deep/chart.md')).rejects.toMatchObject({ kind: 'absent' });
    await expect(vault.delete('tide-chart/docs/deep/chart.md')).rejects.toMatchObject({ kind: 'absent' });
    expect(await vault.restore('tide-chart/docs/deep/chart.md')).toMatchObject({ file: before?.file, bytes: 8 });
    expect(await vault.list({ all: false })).toEqual([before]);
    expect(await readdir(join(root, 'default/.trash'))).toEqual([]);
  });

  it('brings back the newest of several, and refuses where a file is in the place', async () => {
    const { vault, clock } = await aVault();
    for (const content of ['first', 'second']) {
      await vault.write(aFile('chart.md', content));
      await vault.delete('tide-chart/chart.md');
      await clock.advance(1000);
    }
    await vault.write(aFile('chart.md', 'third'));
    await expect(vault.restore('tide-chart/chart.md')).rejects.toMatchObject({ kind: 'occupied' });
    await vault.delete('tide-chart/chart.md');
    await vault.restore('tide-chart/chart.md');
    expect(await textOf(vault, 'tide-chart/chart.md')).toBe('third');
  });

  it('keeps a file for 24 hours', async () => {
    const { vault, open, clock } = await aVault();
    await vault.write(aFile('chart.md', 'x'));
    await vault.delete('tide-chart/chart.md');
    await clock.advance(23 * HOUR);
    await open();
    await vault.restore('tide-chart/chart.md');
    await vault.delete('tide-chart/chart.md');
    await clock.advance(25 * HOUR);
    await open();
    await expect(vault.restore('tide-chart/chart.md')).rejects.toMatchObject({ kind: 'absent' });
  });

  it('gives a file back to its own Objective, when a younger one has the name meanwhile', async () => {
    const { vault } = await aVault();
    await vault.write(aFile('chart.md', 'old'));
    await vault.delete('tide-chart/chart.md');
    await vault.write(aFile('chart.md', 'new', { objective: NEWER }));
    const restored = await vault.restore('tide-chart/chart.md');
    expect(restored.file).toBe('tide-chart~6a1f0c8e/chart.md');
    expect(await textOf(vault, 'tide-chart/chart.md')).toBe('new');
  });

  it('leaves transcripts alone', async () => {
    const { vault } = await aVault();
    await vault.write(aFile('.debate/round-1.json', '{}'));
    await expect(vault.delete('tide-chart/.debate/round-1.json')).rejects.toMatchObject({ kind: 'unsafe' });
  });

  it('is finished at the next start when a crash came between the file and its sidecar', async () => {
    const { vault, open, root } = await aVault();
    await vault.write(aFile('chart.md', 'x'));
    const sidecar = join(root, 'default/tide-chart/.meta/chart.md~.json');
    const saved = await readFile(sidecar);
    await vault.delete('tide-chart/chart.md');
    await writeFile(sidecar, saved);
    const again = await open();
    expect(await again.list({ all: true })).toEqual([]);
    await again.restore('tide-chart/chart.md');
    expect((await again.list({ all: false }))[0]?.state).toBe('Intact');
  });

  it('loses no file when a crash came before it was moved', async () => {
    const { vault, open, root } = await aVault();
    await vault.write(aFile('chart.md', 'x'));
    await vault.delete('tide-chart/chart.md');
    const [holder = ''] = await readdir(join(root, 'default/.trash'));
    await vault.restore('tide-chart/chart.md');
    await mkdir(join(root, 'default/.trash', holder));
    await writeFile(join(root, 'default/.trash', holder, 'entry.json'), '{"folder":"tide-chart","path":"chart.md"');
    const again = await open();
    expect(await textOf(again, 'tide-chart/chart.md')).toBe('x');
    expect(await readdir(join(root, 'default/.trash'))).toEqual([]);
  });
});
