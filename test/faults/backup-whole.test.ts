import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { OBJECTIVES, type Objective } from '@dark-carnival/crds';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { eventually } from '../harness/eventually.ts';
import { runCarnival, type Stack, startStack } from '../harness/stack.ts';

const BARE = { PATH: process.env['PATH'] ?? '', NO_COLOR: '1' };

describe('a backup of everything on a machine', () => {
  let dir: string;
  let stack: Stack | undefined;
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'backup-whole-'));
  });
  afterEach(async () => {
    await stack?.stop();
    rmSync(dir, { recursive: true, force: true });
  });

  const succeed = async (answer: Promise<{ code: number; stdout: string; stderr: string }>) => {
    const { code, stdout, stderr } = await answer;
    expect(code, stderr).toBe(0);
    return stdout;
  };
  /** What a person would miss. */
  const belongings = async ({ client, carnival }: Stack) => {
    const { items } = await client.list<Objective>(OBJECTIVES, { namespace: 'default' });
    const { files } = JSON.parse(await succeed(carnival('vault', 'ls', '-o', 'json'))) as {
      files: { file: string; sha256: string }[];
    };
    return {
      objectives: items.map(({ metadata, spec, status }) => ({ uid: metadata.uid, spec, status })),
      plan: await succeed(carnival('plan', 'tides', '-o', 'json')),
      files: files.map(({ file, sha256 }) => `${file} ${sha256}`),
      transcript: await succeed(carnival('transcript', 'tides')),
    };
  };

  it('is taken while it runs, and brings objectives, plans, files and transcripts to another one', async () => {
    stack = await startStack();
    const { code } = await stack.carnival('run', 'Plan a tide chart', '--name', 'tides', '--wait');
    expect(code).toBe(5);
    await succeed(stack.carnival('approve', 'tides', '--wait'));
    const before = await belongings(stack);
    expect(before.files.length).toBeGreaterThan(0);
    const file = join(dir, 'monday.backup');
    await succeed(stack.carnival('backup', file, '--data', stack.dataDir));
    expect(await stack.carnival('restore', file, '--data', stack.dataDir, '--force')).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/in use by another carnival up/),
    });
    await stack.stop();

    const dataDir = join(dir, 'other');
    await succeed(runCarnival(['restore', file, '--data', dataDir], BARE));
    stack = await startStack({ dataDir });
    // The restored Wagon says Ready from before: it is the banner that says that all are there.
    const { output } = stack;
    await eventually(async () => (/^ready in/im.test(output()) ? true : undefined), {
      timeoutMs: 60_000,
      what: 'carnival up to be ready',
    });
    expect(await belongings(stack)).toEqual(before);
    // And it lives: the next objective is debated as the first was.
    expect((await stack.carnival('run', 'Plan another tide chart', '--wait')).code).toBe(5);
  });
});
