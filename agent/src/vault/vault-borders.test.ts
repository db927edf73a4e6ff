import { spawnSync } from 'node:child_process';
import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../testing/temporary-folder.ts';
import { aFile, aVault, filesIn, textOf } from '../../testing/vault-bench.ts';

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
