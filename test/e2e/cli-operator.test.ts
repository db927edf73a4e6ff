import { execFile, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { type BroadcastAnswer, FIELD_MANAGERS, LABELS, OBJECTIVES, type Objective, WAGONS } from '@dark-carnival/crds';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../harness/eventually.ts';
import { type Stack, startStack } from '../harness/stack.ts';

/** The operator's commands against a whole local engine. */

const BIN = join(import.meta.dirname, '..', '..', 'cli', 'bin', 'carnival.mjs');
let stack: Stack;
let dir: string;
beforeAll(async () => {
  stack = await startStack({ wagons: ['LXC-CORE:CORE', 'LXC-OSINT:OSINT'] });
  dir = mkdtempSync(join(tmpdir(), 'carnival-operator-'));
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
const run = async (name: string, ...more: string[]) => {
  const { code, stderr } = await stack.carnival('run', 'Name the boats', '--name', name, ...more);
  expect(code, stderr).toBe(0);
};
const states = async (...names: string[]) =>
  Promise.all(names.map(async (name) => (await get(name)).spec?.desiredState));
const owners = ({ metadata }: Objective, field: string) =>
  (metadata.managedFields ?? []).flatMap(({ manager, fieldsV1 }) =>
    (fieldsV1 as { 'f:spec'?: Record<string, unknown> } | undefined)?.['f:spec']?.[`f:${field}`] === undefined
      ? []
      : [manager],
  );

describe('the operator', () => {
  it('pauses and resumes, once, under the manager that GitOps tools leave alone', async () => {
    await run('boats');
    await reaches('boats', 'AwaitingHuman');
    expect((await stack.carnival('pause', 'boats')).stdout).toMatch(/^boats paused in context \S+ /);
    const paused = await get('boats');
    expect([paused.spec?.desiredState, owners(paused, 'desiredState')]).toEqual(['Paused', [FIELD_MANAGERS.control]]);
    expect((await stack.carnival('pause', 'boats')).stdout).toBe('boats is paused already\n');
    const resumed = await stack.carnival('resume', 'boats', '-o', 'json');
    expect((JSON.parse(resumed.stdout) as Objective).spec?.desiredState).toBe('Running');
    expect((await stack.carnival('resume', 'boats')).stdout).toBe('boats is not paused\n');
  });

  it('stops all that runs, and lets exactly that go on', async () => {
    await run('gulls');
    await run('nets');
    await stack.carnival('pause', 'nets');
    const asked = await stack.carnival('stop-all');
    expect([asked.code, asked.stderr]).toEqual([2, expect.stringContaining('give --yes')]);
    expect(await states('boats', 'gulls', 'nets')).toEqual(['Running', 'Running', 'Paused']);
    const stopped = await stack.carnival('stop-all', '--yes');
    expect(stopped.stdout).toContain('2 paused: carnival resume-all');
    expect(await states('boats', 'gulls', 'nets')).toEqual(['Paused', 'Paused', 'Paused']);
    expect((await stack.carnival('stop-all', '--yes')).stdout).toBe('nothing runs\n');
    // A person takes one of them over: it is theirs now.
    await stack.carnival('pause', 'gulls');
    expect((await stack.carnival('resume-all', '-A', '--yes')).stdout).toBe('1 go on\n');
    expect(await states('boats', 'gulls', 'nets')).toEqual(['Running', 'Paused', 'Paused']);
    for (const name of ['gulls', 'nets']) await stack.carnival('abort', name);
  });

  it('tries an expired one again, and follows it', async () => {
    writeFileSync(
      join(dir, 'hurry.yaml'),
      'apiVersion: darkcarnival.dev/v1alpha1\nkind: Objective\nmetadata: {name: hurry}\nspec: {directive: Name the boats, approval: {timeoutSeconds: 10}}\n',
    );
    await stack.carnival('run', '-f', join(dir, 'hurry.yaml'));
    const early = await stack.carnival('retry', 'hurry');
    expect([early.code, early.stderr]).toEqual([1, expect.stringContaining('has not failed')]);
    await reaches('hurry', 'Expired');
    const again = await stack.carnival('retry', 'hurry', '--max-duration', '600', '--wait');
    // The budget was absent, and an absent limit cannot be set later.
    expect(again.code).toBe(1);
    const followed = await stack.carnival('retry', 'hurry', '--wait');
    expect(followed.code, followed.stderr).toBe(5);
    expect(followed.stdout).toContain('the same plan is asked about again');
    expect((await get('hurry')).spec?.retry).toBe(1);
    await stack.carnival('abort', 'hurry');
    await reaches('hurry', 'Aborted');
    const late = await stack.carnival('retry', 'hurry');
    expect([late.code, late.stderr]).toEqual([1, expect.stringContaining('carnival rerun hurry')]);
  });

  it('makes a fresh copy of an ended one, and of no other', async () => {
    const running = await stack.carnival('rerun', 'boats');
    expect([running.code, running.stderr]).toEqual([1, expect.stringContaining('has not ended')]);
    const { stdout } = await stack.carnival('rerun', 'hurry', '-o', 'json');
    const copy = JSON.parse(stdout) as Objective;
    expect(copy.metadata.name).toMatch(/^hurry-[a-z0-9]{4}$/);
    expect(copy.spec).toMatchObject({
      directive: 'Name the boats',
      desiredState: 'Running',
      retry: 0,
      requestedBy: 'admin',
    });
    expect(copy.spec?.approval.timeoutSeconds).toBe(10);
    const taken = await stack.carnival('rerun', 'hurry', '--name', 'boats');
    expect([taken.code, taken.stderr]).toEqual([1, expect.stringContaining('already exists')]);
    await stack.carnival('abort', copy.metadata.name);
  });

  it('broadcasts a goal to every wagon, after it was shown', async () => {
    const shown = await stack.carnival('broadcast', 'Report', '--event', 'drill', '--dry-run', '-o', 'json');
    expect((JSON.parse(shown.stdout) as BroadcastAnswer).objectives.map(({ outcome }) => outcome)).toEqual([
      'Planned',
      'Planned',
    ]);
    const refused = await stack.carnival('broadcast', 'Report', '--event', 'drill');
    expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining('give --yes')]);
    const made = await stack.carnival('broadcast', 'Report', '--event', 'drill', '--yes');
    expect(made.stdout).toMatch(/^lxc-osint +drill-lxc-osint +Created$/m);
    const { items } = await stack.client.list<Objective>(OBJECTIVES, { labelSelector: `${LABELS.event}=drill` });
    expect(items.map(({ spec }) => spec?.wagonName).sort()).toEqual(['lxc-core', 'lxc-osint']);
    const nobody = await stack.carnival('broadcast', 'Report', '--role', 'CLOWN', '--yes');
    expect([nobody.code, nobody.stderr]).toEqual([1, expect.stringContaining('can be called')]);
  });

  it('sees the fleet as a tree', async () => {
    await reaches('drill-lxc-osint', 'AwaitingHuman');
    const { stdout } = await stack.carnival('status', '--tree');
    expect(stdout).toMatch(
      /^LXC-OSINT {2}OSINT {2}Ready\n└─ drill-lxc-osint {2}AwaitingHuman {2}[\d,]+ tokens, 0 USD$/m,
    );
    await stack.carnival('approve', 'drill-lxc-osint', '--wait');
    expect((await stack.carnival('status', 'drill-lxc-osint', '--tree')).stdout).toMatch(
      /└─ t\d+ {2}.* Succeeded {2}[\d,]+ tokens, 0 USD {2}drill-lxc-osint\//,
    );
  });

  it.each(['pause', 'abort'])('is warned at %s where a GitOps tool owns what it changes', async (command) => {
    const name = `gitops-${command}`;
    const owned = {
      apiVersion: 'darkcarnival.dev/v1alpha1',
      kind: 'Objective',
      metadata: { name, namespace: 'default' },
      spec: { directive: 'Name the boats', desiredState: 'Running' },
    };
    await stack.client.raw({
      method: 'PATCH',
      path: `/apis/darkcarnival.dev/v1alpha1/namespaces/default/objectives/${name}`,
      query: { fieldManager: 'kustomize-controller', force: true },
      headers: { 'content-type': 'application/apply-patch+yaml' },
      body: JSON.stringify(owned),
    });
    const { code, stderr } = await stack.carnival(command, name);
    expect([code, stderr]).toEqual([0, expect.stringContaining('kustomize-controller owns spec.desiredState')]);
    if (command === 'pause') await stack.carnival('abort', name);
  });

  it.each([
    [['pause'], 2, 'missing required argument'],
    [['pause', 'nobody'], 1, 'no Objective nobody'],
    [['retry', 'boats', '--max-tokens', 'many'], 2, 'whole number'],
    [['retry', 'boats', '--max-cost-usd', '-1'], 2, ''],
    [['broadcast', ' '], 2, 'the goal is empty'],
    [['broadcast', 'x', '--event', 'Not A Label'], 1, 'event'],
    [['stop-all', '-A', '-n', 'default'], 2, 'cannot be used with'],
    [['completion', 'tcsh'], 2, 'bash, zsh, fish'],
  ])('hears in one line what is wrong with %j', async (args, code, words) => {
    const answer = await stack.carnival(...args);
    expect([answer.code, answer.stderr]).toEqual([code, expect.stringContaining(words)]);
    expect(answer.stderr.trim().split('\n')).toHaveLength(1);
  });

  it.each([
    'pause',
    'resume',
    'retry',
    'rerun',
    'broadcast',
    'stop-all',
    'resume-all',
    'doctor',
    'completion',
    'status',
  ])('%s has examples in its help', async (name) => {
    const { code, stdout } = await stack.carnival(name, '--help');
    expect(code).toBe(0);
    expect(stdout).toContain('Examples:');
    expect(stdout).not.toContain('\u001b');
  });
});

describe('carnival doctor', () => {
  it('finds nothing wrong where nothing is, and spends nothing', async () => {
    const { code, stdout } = await stack.carnival('doctor');
    expect(code, stdout).toBe(0);
    for (const words of [
      '✓ api',
      '✓ kinds      3 installed, and current',
      '✓ leader',
      '✓ wagons     2 of 2 ready',
      '! models     no model is configured',
      '✓ disk',
    ])
      expect(stdout).toContain(words);
    expect(stdout).toContain('0 problems');
  });

  it('says what to do about each problem, and ends with 1', async () => {
    await stack.client.create(WAGONS, {
      apiVersion: 'darkcarnival.dev/v1alpha1',
      kind: 'Wagon',
      metadata: { name: 'lxc-pod', namespace: 'default' },
      spec: { nodeID: 'LXC-POD', role: 'CORE', runtime: { type: 'Pod' } },
    } as never);
    await eventually(
      async () =>
        ((await stack.client.get<Objective>(WAGONS, { namespace: 'default', name: 'lxc-pod' })).status
          ?.phase as string) === 'Failed' || undefined,
      { timeoutMs: 15_000, what: 'the wagon to fail' },
    );
    const { code, stdout } = await stack.carnival('doctor', '-o', 'json');
    expect(code).toBe(1);
    const findings = JSON.parse(stdout) as { check: string; level: string; message: string; remedy?: string }[];
    const bad = findings.filter(({ level }) => level === 'problem');
    expect(bad).toMatchObject([
      { check: 'wagons', message: expect.stringContaining('LXC-POD failed: RuntimeNotInstalled') },
    ]);
    expect(findings.filter(({ level }) => level !== 'ok').every(({ remedy }) => remedy)).toBe(true);
    await stack.client.delete(WAGONS, { namespace: 'default', name: 'lxc-pod' });
  });

  it('goes on where one thing is away, and says which', async () => {
    const hub = await stack.carnival('doctor', '--hub', 'http://127.0.0.1:65534');
    expect([hub.code, hub.stdout]).toEqual([1, expect.stringMatching(/✗ hub .*65534 does not answer/)]);
    expect(hub.stdout).toContain('✓ kinds');
    const config = await stack.carnival('doctor', '--kubeconfig', join(dir, 'nowhere'));
    expect([config.code, config.stdout]).toEqual([1, expect.stringContaining('✗ kubeconfig')]);
    const context = await stack.carnival('doctor', '--context', 'prod');
    expect([context.code, context.stdout]).toEqual([1, expect.stringContaining('has no context "prod"')]);
  });
});

const has = (shell: string) => spawnSync(shell, ['--version']).status === 0;

describe('completion', () => {
  /** What a shell offers after the words that were typed. */
  const inBash = (...typed: string[]): Promise<string[]> => {
    const words = ['carnival', ...typed].map((word) => `'${word}'`).join(' ');
    const script = `source <(carnival completion bash); COMP_WORDS=(${words}); COMP_CWORD=${typed.length}; _carnival; printf '%s\\n' "\${COMPREPLY[@]}"`;
    const path = [dir, dirname(process.execPath), process.env['PATH'] ?? ''].join(delimiter);
    return new Promise((resolve, reject) =>
      execFile(
        'bash',
        ['-c', script],
        { env: { PATH: path, HOME: dir, KUBECONFIG: stack.kubeconfig } },
        (error, stdout) => (error ? reject(error) : resolve(stdout.split('\n').filter((line) => line !== ''))),
      ),
    );
  };
  beforeAll(() => symlinkSync(BIN, join(dir, 'carnival')));

  it('in bash completes commands and options', async () => {
    expect(await inBash('res')).toEqual(['restore', 'resume', 'resume-all']);
    expect(await inBash('vault', '')).toEqual(expect.arrayContaining(['ls', 'cat', 'get', 'rm']));
    expect(await inBash('stop-all', '--a')).toEqual(['--all-namespaces']);
    expect(await inBash('completion', '')).toEqual(['bash', 'zsh', 'fish']);
  });

  it('in bash completes names of objectives that make sense, of wagons, and of files', async () => {
    expect(await inBash('approve', '')).toContain('boats');
    expect(await inBash('approve', '')).not.toContain('hurry');
    expect(await inBash('rerun', 'hu')).toContain('hurry');
    expect(await inBash('vault', 'ls', 'LXC-O')).toEqual(['LXC-OSINT']);
    expect((await inBash('vault', 'cat', 'lxc-osint/drill'))[0]).toMatch(/^lxc-osint\/drill-lxc-osint\//);
  });

  it('is syntax that bash takes', () => {
    const { stdout } = spawnSync(process.execPath, [BIN, 'completion', 'bash'], { encoding: 'utf8' });
    expect(spawnSync('bash', ['-n'], { input: stdout }).status).toBe(0);
  });

  it.skipIf(!has('zsh'))('in zsh completes commands and names', () => {
    const path = [dir, dirname(process.execPath), process.env['PATH'] ?? ''].join(delimiter);
    const script = [
      'autoload -U compinit; compinit -u -D; source <(carnival completion zsh)',
      // What the line editor would be given.
      'compadd() { print -l -- "$candidates[@]" }',
      'words=(carnival res); CURRENT=2; _carnival',
      'words=(carnival approve ""); CURRENT=3; _carnival',
    ].join('; ');
    const env = { PATH: path, HOME: dir, KUBECONFIG: stack.kubeconfig };
    const { stdout } = spawnSync('zsh', ['-fc', script], { encoding: 'utf8', env });
    expect(stdout.split('\n')).toEqual(expect.arrayContaining(['resume', 'resume-all', 'boats']));
  });

  it.skipIf(!has('fish'))('in fish completes commands and names', () => {
    const path = [dir, dirname(process.execPath), process.env['PATH'] ?? ''].join(delimiter);
    const offered = (line: string) =>
      spawnSync('fish', ['-c', `carnival completion fish | source; complete -C ${JSON.stringify(line)}`], {
        encoding: 'utf8',
        env: { PATH: path, HOME: dir, KUBECONFIG: stack.kubeconfig },
      }).stdout.split('\n');
    expect(offered('carnival res')).toEqual(expect.arrayContaining(['resume', 'resume-all']));
    expect(offered('carnival approve boa')).toContain('boats');
  });
});
