import { execFile, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type HubVaultList, OBJECTIVES, type Objective } from '@dark-carnival/crds';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../harness/eventually.ts';
import { type Stack, startStack } from '../harness/stack.ts';

/** The command line against a whole local engine, as a newcomer uses it. */

const BIN = join(import.meta.dirname, '..', '..', 'cli', 'bin', 'carnival.mjs');
let stack: Stack;
let dir: string;
beforeAll(async () => {
  stack = await startStack();
  dir = mkdtempSync(join(tmpdir(), 'carnival-cli-'));
});
afterAll(async () => {
  await stack?.stop();
  rmSync(dir, { recursive: true, force: true });
});

const get = (name: string) => stack.client.get<Objective>(OBJECTIVES, { name, namespace: 'default' });
const reaches = (name: string, phase: string) =>
  eventually(async () => ((await get(name)).status?.phase === phase ? true : undefined), {
    timeoutMs: 60_000,
    what: `${name} to be ${phase}`,
  });

describe('carnival without a terminal', () => {
  it('run --wait shows the debate and the plan, asks nobody, and ends with 5 and the next commands', async () => {
    const { code, stdout, stderr } = await stack.carnival('run', 'Plan a tide chart for a small harbour', '--wait');
    expect(code, stderr).toBe(5);
    expect(stdout).toMatch(
      /^objective tide-chart-small-harbour created in context \S+ \(https:\/\/127.0.0.1:\d+\), namespace default$/m,
    );
    for (const seat of ['Visionary', 'Critic', 'Tactician'])
      expect(stdout.match(new RegExp(`^${seat}, round 1`, 'gm'))).toHaveLength(1);
    expect(stdout).toMatch(/^ {2}hash {7}sha256:[0-9a-f]{64} \(checked/m);
    const { status } = await get('tide-chart-small-harbour');
    expect(stdout).toContain(`npx carnival approve tide-chart-small-harbour --plan-hash ${status?.plan?.hash}`);
    expect(status?.phase).toBe('AwaitingHuman');
  });

  it('plan ends with the kubectl patch that approves exactly this plan', async () => {
    const { code, stdout } = await stack.carnival('plan', 'tide-chart-small-harbour');
    expect(code).toBe(0);
    const patch =
      /kubectl .* patch objective tide-chart-small-harbour --type json --field-manager=darkcarnival-approval -p '(.*)'$/m.exec(
        stdout,
      );
    const { status } = await get('tide-chart-small-harbour');
    expect(JSON.parse(patch?.[1] ?? '')).toEqual([
      {
        op: 'add',
        path: '/spec/intervention',
        value: {
          requestID: status?.approvalRequest?.id,
          planHash: status?.approvalRequest?.planHash,
          decision: 'Approve',
          decidedBy: 'admin',
        },
      },
    ]);
  });

  it('approve is refused for another hash, sends feedback for another round, and follows to the files', async () => {
    const wrong = await stack.carnival(
      'approve',
      'tide-chart-small-harbour',
      '--plan-hash',
      `sha256:${'0'.repeat(64)}`,
    );
    expect([wrong.code, wrong.stderr]).toEqual([1, expect.stringContaining('now asks about another plan')]);
    const first = (await get('tide-chart-small-harbour')).status?.approvalRequest?.id;
    const feedback = await stack.carnival('feedback', 'tide-chart-small-harbour', "Use UTC, and don't forget the moon");
    expect(feedback.code, feedback.stderr).toBe(0);
    await eventually(
      async () => {
        const id = (await get('tide-chart-small-harbour')).status?.approvalRequest?.id;
        return id !== undefined && id !== first ? true : undefined;
      },
      { timeoutMs: 60_000, what: 'the second plan' },
    );
    const approved = await stack.carnival('approve', 'tide-chart-small-harbour', '--wait');
    expect(approved.code, approved.stderr).toBe(0);
    expect(approved.stdout).toMatch(/Completed.*: (\d)\/\1 tasks/);
    expect(approved.stdout).toContain('npx carnival vault cat lxc-core/tide-chart-small-harbour/');
    const again = await stack.carnival('approve', 'tide-chart-small-harbour');
    expect([again.code, again.stderr]).toEqual([1, expect.stringContaining('the last was answered Approve by admin')]);
  });

  it('vault lists, prints, saves and removes files, to the byte', async () => {
    const list = JSON.parse((await stack.carnival('vault', 'ls', '-o', 'json')).stdout) as HubVaultList;
    const file = list.files[0];
    const name = `${file?.node}/${file?.file}`;
    expect((await stack.carnival('vault', 'ls', 'LXC-CORE')).stdout).toContain(name);
    const shown = await stack.carnival('vault', 'cat', file?.file ?? '');
    expect(Buffer.byteLength(shown.stdout)).toBe(file?.bytes);
    const path = join(dir, 'saved');
    expect((await stack.carnival('vault', 'get', name, '-o', path)).code).toBe(0);
    expect(readFileSync(path, 'utf8')).toBe(shown.stdout);
    expect((await stack.carnival('vault', 'get', name, '-o', path)).code).toBe(2);
    expect((await stack.carnival('vault', 'rm', name)).code).toBe(0);
    const gone = await stack.carnival('vault', 'cat', name);
    expect([gone.code, gone.stderr]).toEqual([1, expect.stringContaining('no file')]);
    expect((await stack.carnival('status')).code).toBe(0);
  });

  it('transcript has every turn and the feedback; logs has what the wagon did', async () => {
    const transcript = await stack.carnival('transcript', 'tide-chart-small-harbour');
    expect(transcript.code, transcript.stderr).toBe(0);
    for (const part of ['visionary, round 1', 'tactician, round 2', 'feedback by admin', "don't forget the moon"]) {
      expect(transcript.stdout).toContain(part);
    }
    const logs = await stack.carnival('logs', 'tide-chart-small-harbour');
    expect(logs.code, logs.stderr).toBe(0);
    expect(logs.stdout).toMatch(/critic speaks, round 2/);
  });

  it('abort ends one for ever; who follows it ends with 4', async () => {
    const manifest = join(dir, 'goal.txt');
    writeFileSync(manifest, 'Name the boats of the harbour');
    const started = await stack.carnival('run', '-f', manifest, '--name', 'boats', '-o', 'yaml');
    expect([started.code, started.stdout]).toEqual([
      0,
      expect.stringContaining('directive: Name the boats of the harbour'),
    ]);
    await reaches('boats', 'AwaitingHuman');
    expect((await stack.carnival('abort', 'boats')).code).toBe(0);
    await reaches('boats', 'Aborted');
    const late = await stack.carnival('abort', 'boats');
    expect([late.code, late.stderr]).toEqual([1, expect.stringContaining('has ended already: Aborted')]);
  });

  it('gives a second goal of the same words a name of its own, and says why it waits where no wagon fits', async () => {
    const { stdout } = await stack.carnival(
      'run',
      'Plan a tide chart for a small harbour',
      '--role',
      'NOBODY',
      '-o',
      'json',
    );
    const { metadata } = JSON.parse(stdout) as Objective;
    expect(metadata.name).toMatch(/^tide-chart-small-harbour-[a-z0-9]{4}$/);
    await eventually(async () => ((await get(metadata.name)).status?.queue ? true : undefined), {
      timeoutMs: 30_000,
      what: 'the queue',
    });
    expect((await stack.carnival('status')).stdout).toMatch(
      new RegExp(`^${metadata.name} .*\\w+, 1 of 1 in the queue$`, 'm'),
    );
    await stack.carnival('abort', metadata.name);
  });

  it('follows by the status where the hub is away', async () => {
    const { code, stdout, stderr } = await stack.carnival(
      'run',
      'Count the gulls',
      '--wait',
      '--hub',
      'http://127.0.0.1:65534',
    );
    expect(code, stderr).toBe(5);
    expect(stderr).toContain('no live view now');
    expect(stdout).toMatch(/^Critic, round 1/m);
  });

  it('open gives a URL that signs in once', async () => {
    const { stdout } = await stack.carnival('open');
    const login = await fetch(stdout.trim(), { redirect: 'manual' });
    expect([login.status, login.headers.get('set-cookie')]).toEqual([303, expect.any(String)]);
    const again = await fetch(stdout.trim(), { redirect: 'manual' });
    expect(again.headers.get('set-cookie')).toBeNull();
  });

  it.each([
    [['frobnicate'], 2, 'there is no command frobnicate'],
    [['improve', 'boats', '--now'], 2, 'carnival improve is not in this version yet'],
    [['pause', 'boats', '--now'], 2, "unknown option '--now'"],
    [['run'], 2, 'what is the goal?'],
    [['run', ' '], 2, 'the goal is empty'],
    [['run', 'é'.repeat(8193)], 2, '16386 bytes'],
    [['status', '-o', 'xml'], 2, 'Allowed choices are json, yaml'],
    [['status', 'No_Such'], 2, 'cannot be the name'],
    [['status', 'nobody'], 1, 'no Objective nobody in context'],
    [['plan', 'nobody', '-n', 'elsewhere'], 1, 'namespace elsewhere'],
    [['status', '--context', 'prod'], 1, 'has no context "prod"'],
    [['vault', 'ls', 'LXC-NOWHERE'], 1, ''],
    [['open', '--hub', 'http://192.168.1.116:8000'], 2, 'over plain http'],
  ])('says in one line what is wrong with %j', async (args, code, words) => {
    const answer = await stack.carnival(...args);
    expect(answer.code).toBe(code);
    expect(answer.stderr).toContain(words);
    expect(answer.stderr.trim().split('\n')).toHaveLength(1);
    expect(answer.stdout).toBe('');
  });
});

const kubectl = await new Promise<boolean>((resolve) =>
  execFile('kubectl', ['version', '--client'], (error) => resolve(!error)),
);
describe.skipIf(!kubectl)('the printed kubectl command', () => {
  it('approves, copied as it stands into a shell that knows of no cluster', async () => {
    await stack.carnival('run', 'Name the boats', '--name', 'by-kubectl', '--wait');
    const { stdout } = await stack.carnival('plan', 'by-kubectl', '--kubeconfig', stack.kubeconfig);
    const command = /^ {2}(kubectl .*)$/m.exec(stdout)?.[1] ?? '';
    const ran = await new Promise<string>((resolve, reject) =>
      execFile('sh', ['-c', command], { env: { PATH: process.env['PATH'] ?? '', HOME: dir } }, (error, out) =>
        error ? reject(error) : resolve(out),
      ),
    );
    expect(ran).toContain('by-kubectl patched');
    await reaches('by-kubectl', 'Completed');
  });
});

/** Runs the CLI at a terminal that `script` makes, and answers what it asks. */
function atTerminal(
  args: string[],
  answers: [question: string, answer: string][],
): Promise<{ code: number | null; screen: string }> {
  const env = { PATH: process.env['PATH'] ?? '', HOME: dir, KUBECONFIG: stack.kubeconfig, TERM: 'xterm' };
  const line = [process.execPath, BIN, ...args].map((word) => `'${word}'`).join(' ');
  const child = spawn('script', ['-qefc', line, '/dev/null'], { env });
  let screen = '';
  let unread = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    screen += chunk;
    unread += chunk;
    const next = answers[0];
    if (!next || !unread.includes(next[0])) return;
    answers.shift();
    unread = '';
    child.stdin.write(next[1]);
  });
  return new Promise((resolve) => child.once('close', (code) => resolve({ code, screen })));
}

const hasScript = process.platform === 'linux' && existsSync('/usr/bin/script');
describe.skipIf(!hasScript)('carnival at a terminal', () => {
  const ASKS = 'abort for ever: ';

  it('asks, takes feedback, then an approval, and shows where the files are, in colour', async () => {
    const { code, screen } = await atTerminal(
      ['run', 'Name the boats', '--name', 'asked', '--wait'],
      [
        [ASKS, 'what?\r'],
        [ASKS, 'f\r'],
        ['do better? ', 'Use UTC\r'],
        [ASKS, 'y\r'],
      ],
    );
    expect(code, screen).toBe(0);
    expect(screen).toContain('Plan 2 of asked');
    expect(screen).toContain('npx carnival vault cat lxc-core/asked/');
    expect(screen).toContain('\u001b[1m');
    expect((await get('asked')).status?.decisions?.map(({ decision, decidedBy }) => [decision, decidedBy])).toEqual([
      ['Feedback', 'admin'],
      ['Approve', 'admin'],
    ]);
  });

  it('ends with 4 after a no', async () => {
    const { code, screen } = await atTerminal(
      ['run', 'Name the boats', '--name', 'refused', '--wait'],
      [[ASKS, 'n\r']],
    );
    expect(code, screen).toBe(4);
    expect((await get('refused')).status?.phase).toBe('Aborted');
  });

  it('leaves the objective as it is at Ctrl-C, and says so', async () => {
    const { code, screen } = await atTerminal(
      ['run', 'Name the boats', '--name', 'left', '--wait'],
      [[ASKS, '\u0003']],
    );
    expect(code, screen).toBe(130);
    expect(screen).toContain('left waits for a decision; nothing was changed');
    expect((await get('left')).status?.phase).toBe('AwaitingHuman');
  });

  it('takes the question back when somebody else answers it', async () => {
    const watching = atTerminal(['run', 'Name the boats', '--name', 'elsewhere', '--wait'], []);
    await reaches('elsewhere', 'AwaitingHuman');
    expect((await stack.carnival('approve', 'elsewhere')).code).toBe(0);
    const { code, screen } = await watching;
    expect(code, screen).toBe(0);
    expect((await get('elsewhere')).status?.phase).toBe('Completed');
  });
});
