import { spawnSync } from 'node:child_process';
import { mkdir, readdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ObjectiveRef } from '@dark-carnival/crds';
import { FakeClock } from '@dark-carnival/crds/testing';
import { describe, expect, it } from 'vitest';
import { OBJECTIVE } from '../../testing/assignments.ts';
import { temporaryFolder } from '../../testing/temporary-folder.ts';
import { Vault, type VaultWrite } from './vault.ts';

const NEWER: ObjectiveRef = { ...OBJECTIVE, uid: 'ffffffff-0000-4000-8000-000000000002' };
const HOUR = 3_600_000;

async function aVault(root?: string) {
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

function aFile(path: string, content: string, given: Partial<VaultWrite> = {}): VaultWrite {
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
async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();
}

const textOf = async (vault: Vault, file: string) => (await vault.read(file)).content.toString('utf8');

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

describe('what leads outside', () => {
  it.each([
    '../x',
    'tide-chart/../../x',
    'tide-chart//etc/passwd',
    '/etc/passwd',
    'tide-chart',
    'tide-chart/',
    'tide-chart/.meta/chart.md~.json',
    'tide-chart/.objective.json',
    'tide-chart/.debate/../chart.md',
    'tide-chart/a\u0000b',
    'tide-chart/con.txt',
    '.trash/x',
    'Tide-Chart/x',
  ])('is refused by name: %s', async (file) => {
    const { vault } = await aVault();
    await expect(vault.read(file)).rejects.toMatchObject({ kind: 'unsafe' });
    await expect(vault.delete(file)).rejects.toMatchObject({ kind: 'unsafe' });
    await expect(vault.restore(file)).rejects.toMatchObject({ kind: 'unsafe' });
  });

  it('is neither written through a link nor read through one', async () => {
    const { vault, root } = await aVault();
    const outside = await temporaryFolder();
    await writeFile(join(outside, 'secret.md'), 'secret');
    await vault.write(aFile('chart.md', 'x'));
    await symlink(outside, join(root, 'default/tide-chart/docs'));
    await symlink(join(outside, 'secret.md'), join(root, 'default/tide-chart/link.md'));
    await expect(vault.write(aFile('docs/new.md', 'x'))).rejects.toMatchObject({
      kind: 'unwritable',
      message: expect.stringContaining('docs is a symbolic link'),
    });
    await expect(vault.read('tide-chart/docs/secret.md')).rejects.toMatchObject({ kind: 'absent' });
    await expect(vault.read('tide-chart/link.md')).rejects.toMatchObject({ kind: 'absent' });
    expect(await readdir(outside)).toEqual(['secret.md']);
  });

  it('is not overwritten where a link lies in the place of the file: the link itself goes', async () => {
    const { vault, root } = await aVault();
    const outside = await temporaryFolder();
    await writeFile(join(outside, 'target.md'), 'untouched');
    await vault.write(aFile('a.md', 'x'));
    await symlink(join(outside, 'target.md'), join(root, 'default/tide-chart/chart.md'));
    await vault.write(aFile('chart.md', 'ours'));
    expect(await readFile(join(outside, 'target.md'), 'utf8')).toBe('untouched');
    expect(await textOf(vault, 'tide-chart/chart.md')).toBe('ours');
  });

  it('is refused where the Objective’s folder or the namespace’s is a link', async () => {
    const { vault, root } = await aVault();
    const outside = await temporaryFolder();
    await symlink(outside, join(root, 'default/tide-chart'));
    await expect(vault.write(aFile('chart.md', 'x'))).rejects.toMatchObject({ kind: 'unwritable' });
    const other = await temporaryFolder();
    await symlink(outside, join(other, 'default'));
    await expect(aVault(other)).rejects.toMatchObject({ kind: 'unwritable' });
    expect(await readdir(outside)).toEqual([]);
  });

  it('is a name that differs in case only: it would be one file on some systems', async () => {
    const { vault } = await aVault();
    await vault.write(aFile('Docs/chart.md', 'x'));
    await expect(vault.write(aFile('docs/other.md', 'x'))).rejects.toThrow(/differs only in case from Docs/);
    await expect(vault.write(aFile('Docs/CHART.md', 'x'))).rejects.toThrow(/differs only in case from chart.md/);
  });
});

describe('a vault that cannot be written', () => {
  it('says why in plain words when a file is where a folder is needed, and the other way round', async () => {
    const { vault } = await aVault();
    await vault.write(aFile('a', 'x'));
    await vault.write(aFile('d/e', 'x'));
    await expect(vault.write(aFile('a/b', 'x'))).rejects.toMatchObject({ kind: 'unwritable' });
    await expect(vault.write(aFile('d', 'x'))).rejects.toMatchObject({ kind: 'unwritable' });
    expect(await textOf(vault, 'tide-chart/a')).toBe('x');
    expect((await vault.list({ all: false })).map(({ state }) => state)).toEqual(['Intact', 'Intact']);
  });

  it('keeps the old file whole, and leaves nothing behind, when the disk takes no more', async () => {
    const { vault, root } = await aVault();
    await vault.write(aFile('chart.md', 'small enough'));
    const script = `
      import { Vault } from ${JSON.stringify(new URL('./vault.ts', import.meta.url).href)};
      import { systemClock } from ${JSON.stringify(import.meta.resolve('@dark-carnival/crds/clock'))};
      const vault = await Vault.open(${JSON.stringify(root)}, 'default', { clock: systemClock, unique: () => 'u' + Math.random() });
      const request = ${JSON.stringify(aFile('chart.md', ''))};
      await vault.write({ ...request, content: 'x'.repeat(200_000), mayCommit: () => true }).then(
        () => console.log('written'),
        (error) => console.log(error.kind + ': ' + error.message),
      );`;
    // No file of this process may grow beyond 8 blocks: the write fails half way, as on a full disk.
    const child = spawnSync(
      'sh',
      ['-c', `ulimit -f 8; exec "$0" --input-type=module -e "$1"`, process.execPath, script],
      {
        encoding: 'utf8',
      },
    );
    expect(child.stdout).toBe(
      'unwritable: tide-chart/chart.md cannot be written: the file is larger than this process may write\n',
    );
    expect(await textOf(vault, 'tide-chart/chart.md')).toBe('small enough');
    expect((await filesIn(root)).filter((file) => file.includes('.tmp-'))).toEqual([]);
  });

  it('takes away at its start what was being written when the process died', async () => {
    const { vault, open, root } = await aVault();
    await vault.write(aFile('docs/chart.md', 'x'));
    await writeFile(join(root, 'default/tide-chart/docs/.tmp-abc'), 'half a fi');
    await mkdir(join(root, 'default/.tmp-def'));
    await writeFile(join(root, 'default/.tmp-def/.objective.json'), '{');
    await open();
    expect((await filesIn(root)).filter((file) => file.includes('.tmp-'))).toEqual([]);
    expect(await textOf(vault, 'tide-chart/docs/chart.md')).toBe('x');
  });
});

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
