import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { OBJECTIVE } from '../../testing/assignments.ts';
import { aFile, aVault, filesIn, NEWER, textOf } from '../../testing/vault-bench.ts';

describe('a vault', () => {
  it('keeps a file under its plain path, with a sidecar that says where it came from', async () => {
    const { vault, root } = await aVault();
    const stored = await vault.write(aFile('docs/chart.md', '# Tides\n'));
    expect(stored).toMatchObject({ file: 'tide-chart/docs/chart.md', bytes: 8 });
    expect(await readFile(join(root, 'default/tide-chart/docs/chart.md'), 'utf8')).toBe('# Tides\n');
    expect(await vault.list({ all: false })).toMatchObject([
      { ...stored, task: 't1', objectiveUID: OBJECTIVE.uid, rehearsal: false, model: 'kimi-k2.6', state: 'Intact' },
    ]);
    expect(vault.totals).toEqual({ files: 1, bytes: 8 });
    expect(await filesIn(join(root, 'default'))).toEqual([
      'tide-chart/.meta/docs/chart.md~.json',
      'tide-chart/.objective.json',
      'tide-chart/docs/chart.md',
    ]);
  });

  it('gives every file a sidecar of its own, also where one path could be the name of another one’s sidecar', async () => {
    const { vault } = await aVault();
    await vault.write(aFile('a', 'one'));
    await vault.write(aFile('a.json/b', 'two'));
    await vault.write(aFile('a.json~', 'three')).catch(() => undefined);
    expect((await vault.list({ all: false })).map(({ file }) => file)).toContain('tide-chart/a.json/b');
    expect(await textOf(vault, 'tide-chart/a')).toBe('one');
  });

  it('replaces a file whole, and counts it once', async () => {
    const { vault } = await aVault();
    await vault.write(aFile('chart.md', 'first'));
    await vault.write(aFile('chart.md', 'second, longer'));
    expect(await textOf(vault, 'tide-chart/chart.md')).toBe('second, longer');
    expect(vault.totals).toEqual({ files: 1, bytes: 14 });
  });

  it('changes nothing when the same is written again', async () => {
    const { vault, clock } = await aVault();
    await vault.write(aFile('chart.md', 'same'));
    const [before] = await vault.list({ all: false });
    await clock.advance(1000);
    await vault.write(aFile('chart.md', 'same'));
    expect(await vault.list({ all: false })).toEqual([before]);
  });

  it('changes nothing when the lease lapsed at the last moment', async () => {
    const { vault, root } = await aVault();
    await vault.write(aFile('chart.md', 'first'));
    expect(await vault.write(aFile('chart.md', 'second', { mayCommit: () => false }))).toBeUndefined();
    expect(await textOf(vault, 'tide-chart/chart.md')).toBe('first');
    expect((await vault.list({ all: false }))[0]?.state).toBe('Intact');
    expect((await filesIn(root)).filter((file) => file.includes('.tmp-'))).toEqual([]);
  });

  it('hides transcripts from lists unless they are asked for', async () => {
    const { vault } = await aVault();
    await vault.write(aFile('.debate/round-1.json', '{}', { origin: { ...aFile('', '').origin, task: 'debate' } }));
    expect(await vault.list({ all: false })).toEqual([]);
    expect(await vault.list({ all: true })).toMatchObject([
      { file: 'tide-chart/.debate/round-1.json', task: 'debate' },
    ]);
    expect(await textOf(vault, 'tide-chart/.debate/round-1.json')).toBe('{}');
    expect(vault.totals.files).toBe(0);
  });

  it('tells of a file that somebody changed, and of one that is gone', async () => {
    const { vault, root } = await aVault();
    await vault.write(aFile('changed.md', 'as written'));
    await vault.write(aFile('gone.md', 'as written'));
    await writeFile(join(root, 'default/tide-chart/changed.md'), 'by hand');
    await rm(join(root, 'default/tide-chart/gone.md'));
    expect(await vault.list({ all: false })).toMatchObject([
      { file: 'tide-chart/changed.md', state: 'Changed', bytes: 7 },
      { file: 'tide-chart/gone.md', state: 'Missing', bytes: 10 },
    ]);
    await expect(vault.read('tide-chart/gone.md')).rejects.toMatchObject({ kind: 'absent' });
  });

  it('counts what is there when it is opened again', async () => {
    const { vault, open } = await aVault();
    await vault.write(aFile('a/b.md', '12345'));
    await vault.write(aFile('.debate/round-1.json', '{}'));
    expect((await open()).totals).toEqual({ files: 1, bytes: 5 });
  });
});

describe('two Objectives of one name', () => {
  it('never share a folder: the older one’s is renamed, and its files stay to be had', async () => {
    const { vault } = await aVault();
    await vault.write(aFile('chart.md', 'old'));
    const stored = await vault.write(aFile('chart.md', 'new', { objective: NEWER }));
    expect(stored?.file).toBe('tide-chart/chart.md');
    expect(await textOf(vault, 'tide-chart/chart.md')).toBe('new');
    expect(await textOf(vault, 'tide-chart~6a1f0c8e/chart.md')).toBe('old');
    expect((await vault.list({ all: false })).map(({ file, state }) => [file, state])).toEqual([
      ['tide-chart/chart.md', 'Intact'],
      ['tide-chart~6a1f0c8e/chart.md', 'Intact'],
    ]);
  });

  it('let a straggler of the older one write into its own folder, and not take the name back', async () => {
    const { vault } = await aVault();
    await vault.write(aFile('chart.md', 'old'));
    await vault.write(aFile('chart.md', 'new', { objective: NEWER }));
    const late = await vault.write(aFile('late.md', 'old too'));
    expect(late?.file).toBe('tide-chart~6a1f0c8e/late.md');
    expect(await textOf(vault, 'tide-chart/chart.md')).toBe('new');
  });

  it('keep a folder that nobody’s record is in, under another name', async () => {
    const { vault, root } = await aVault();
    await mkdir(join(root, 'default/tide-chart'));
    await writeFile(join(root, 'default/tide-chart/mine.txt'), 'of a person');
    await vault.write(aFile('chart.md', 'new'));
    expect(await readFile(join(root, 'default/tide-chart~unknown/mine.txt'), 'utf8')).toBe('of a person');
  });
});

describe('changes at once', () => {
  it('go one after the other: two writers of one file leave one of the two, whole', async () => {
    const { vault } = await aVault();
    const contents = Array.from({ length: 8 }, (_, index) => `${index}`.repeat(1000));
    await Promise.all(contents.map((content) => vault.write(aFile('chart.md', content))));
    expect(contents).toContain(await textOf(vault, 'tide-chart/chart.md'));
    expect((await vault.list({ all: false }))[0]?.state).toBe('Intact');
    expect(vault.totals).toEqual({ files: 1, bytes: 1000 });
  });

  it('go on after one of them failed', async () => {
    const { vault, root } = await aVault();
    await vault.write(aFile('a.md', 'x'));
    await rename(join(root, 'default/tide-chart/a.md'), join(root, 'default/tide-chart/b.md'));
    const [failed, fine] = await Promise.allSettled([vault.delete('tide-chart/a.md'), vault.write(aFile('c.md', 'y'))]);
    expect([failed.status, fine.status]).toEqual(['rejected', 'fulfilled']);
  });
});
