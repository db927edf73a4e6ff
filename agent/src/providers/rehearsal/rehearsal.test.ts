import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { artifactPath, checkPlan, type PlanProposal, type PlanTask } from '@dark-carnival/crds';
import { FakeClock } from '@dark-carnival/crds/testing';
import { describe, expect, it } from 'vitest';
import type { TaskPurpose, TurnPurpose } from '../provider.ts';
import { aRequest, callOptions, describeProviderContract } from '../testing/provider-conformance.ts';
import { createRehearsalProvider } from './rehearsal.ts';

const run = promisify(execFile);
const rehearsal = createRehearsalProvider();

describeProviderContract('The Rehearsal', () => rehearsal);

const GOALS = {
  plan: 'Plan a tide chart for a small harbour',
  code: 'Write a JavaScript module that parses ISO 8601 durations, with tests for weeks and negative values',
  records: 'Build a small library for lending out books of a village school, with tests',
  cleanup: 'Clean up our CSV export of member addresses: trim names, drop doubled rows; must keep the original file',
  python: 'Clean the member CSV of a choir with Python',
  brief: 'Research brief on heat pumps for an old school building',
  runbook: 'Write a runbook for restoring the PostgreSQL database of a dental clinic',
  comparison: 'Compare Redis, NATS and Kafka for a job queue with 50 workers',
  checklist: 'Please give me a checklist for the school fête',
} as const;

const turn = (directive: string, more: Partial<TurnPurpose> = {}): TurnPurpose => ({
  kind: 'turn',
  seat: 'tactician',
  round: 1,
  directive,
  feedback: [],
  maxTasks: 20,
  earlier: [],
  ...more,
});
const say = async (purpose: TurnPurpose | TaskPurpose) =>
  rehearsal.complete(aRequest({ purpose, schema: { name: 'plan', schema: {} } }), callOptions());
const planFor = async (directive: string, more: Partial<TurnPurpose> = {}): Promise<PlanProposal> => {
  const purpose = turn(directive, more);
  const check = checkPlan((await say(purpose)).json, purpose);
  if (!check.ok) throw new Error(JSON.stringify(check.issues));
  return check.plan;
};
const fileOf = async (task: PlanTask, directive: string, tasks: PlanTask[] = []): Promise<string> => {
  const dependencies = tasks
    .filter(({ id }) => task.dependsOn.includes(id))
    .map((other) => ({ id: other.id, title: other.title, path: artifactPath(other) }));
  return (await say({ kind: 'task', task, directive, planSummary: '', dependencies })).text;
};

it('takes what stands before a colon for what is wanted, and not for what it is about', async () => {
  const { tasks } = await planFor('Research brief: which winter vegetables grow in a cold greenhouse');
  expect(tasks.map(artifactPath).filter((path) => path.startsWith('docs/'))).toEqual(
    expect.arrayContaining([expect.stringContaining('winter-vegetables')]),
  );
});

describe.each(Object.entries(GOALS))('the Rehearsal of a %s', (_kind, directive) => {
  it('plans three to six tasks of which files and thoughts are among, in an order that works', async () => {
    const { tasks, summary } = await planFor(directive);
    expect(tasks.length).toBeGreaterThanOrEqual(3);
    expect(tasks.length).toBeLessThanOrEqual(6);
    expect(new Set(tasks.map(({ kind }) => kind))).toEqual(new Set(['File', 'Analysis']));
    expect(tasks.some(({ dependsOn }) => dependsOn.length > 0)).toBe(true);
    expect(summary).toMatch(/^REHEARSAL: /);
  });

  it('keeps its own acceptance checks, and says REHEARSAL in every file', async () => {
    const { tasks } = await planFor(directive);
    for (const task of tasks) {
      const text = await fileOf(task, directive, tasks);
      expect(text).toContain('REHEARSAL');
      expect(text).not.toMatch(/\{\{[\w#^/]|“undefined|\[object/);
      expect(text.length).toBeGreaterThan(150);
      if (task.acceptance.value !== undefined) expect(text).toContain(task.acceptance.value);
    }
  });

  it('speaks of this goal, with REHEARSAL on top', async () => {
    const { tasks } = await planFor(directive);
    const draft = (await say(turn(directive, { seat: 'visionary' }))).text;
    expect(draft).toMatch(/^REHEARSAL/);
    for (const { path } of tasks) if (path !== undefined) expect(draft).toContain(path);
    const critique = (await say(turn(directive, { seat: 'critic' }))).text;
    expect(critique).toMatch(/^REHEARSAL/);
    expect(critique).toMatch(/^VERDICT: (Accept|Reject)$/m);
    expect(critique).toMatch(/^- o1 \[(Blocker|Major|Minor)\] \w+.*\n {2}evidence: .*the goal says/m);
  });

  it('says the same every time', async () => {
    const [first, second] = await Promise.all([say(turn(directive)), say(turn(directive))]);
    expect(first).toEqual(second);
  });

  it('gets along with any number of tasks', async () => {
    for (const maxTasks of [1, 2, 3])
      expect((await planFor(directive, { maxTasks })).tasks.length).toBeLessThanOrEqual(maxTasks);
  });
});

describe('files that a person would keep', () => {
  /** Writes everything a plan leaves into a folder of its own. */
  async function stage(directive: string): Promise<string> {
    const folder = await mkdtemp(join(tmpdir(), 'rehearsal-'));
    const { tasks } = await planFor(directive);
    for (const task of tasks) {
      const file = join(folder, artifactPath(task));
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, await fileOf(task, directive, tasks));
    }
    return folder;
  }

  it.each([
    GOALS.plan,
    GOALS.code,
    GOALS.records,
    GOALS.cleanup,
    'Write code for `"; process.exit(1) //\u2028 tests\n*/ with "quotes\\" and $' + '{x}',
  ])(
    'run as they are: the tests of “%s” pass',
    async (directive) => {
      const folder = await stage(directive);
      const { stdout } = await run(process.execPath, ['--test', '--test-reporter=tap'], { cwd: folder });
      expect(stdout).toMatch(/# fail 0/);
      expect(Number(/# pass (\d+)/.exec(stdout)?.[1])).toBeGreaterThanOrEqual(5);
      await rm(folder, { recursive: true });
    },
    60_000,
  );

  it('clean a CSV from the command line, and leave its input alone', async () => {
    const folder = await stage(GOALS.cleanup);
    const { stdout, stderr } = await run(
      process.execPath,
      ['src/clean-member-addresses.mjs', 'data/member-addresses-sample.csv'],
      { cwd: folder },
    );
    expect(stdout).toMatch(/^full_name,e_mail,phone,note,origin\nAda Lovelace,ada@example\.org,,/);
    expect(stderr).toMatch(/1 empty and 1 doubled rows left out/);
    await rm(folder, { recursive: true });
  }, 30_000);

  it('draw the readings that they are given', async () => {
    const folder = await stage(GOALS.plan);
    await writeFile(
      join(folder, 'readings.csv'),
      'time,value\n2026-05-01T00:00Z,1\n2026-05-01T06:00Z,3\n2026-05-01T12:00Z,1\n',
    );
    const { stdout } = await run('sh', ['-c', `"${process.execPath}" src/tide-chart.mjs < readings.csv`], {
      cwd: folder,
    });
    expect(stdout).toMatch(/█/);
    expect(stdout).toContain('| 2026-05-01 | 06:00 | high | 3 |');
    await rm(folder, { recursive: true });
  }, 30_000);

  it('are Python where Python was asked for, and its tests pass', async ({ skip }) => {
    const python = await run('python3', ['--version']).catch(() => undefined);
    if (!python) skip('no python3 here');
    const folder = await stage(GOALS.python);
    const [test = ''] = await readdir(join(folder, 'test'));
    const { stderr } = await run('python3', [join('test', test)], { cwd: folder });
    expect(stderr).toMatch(/Ran 5 tests[\s\S]*OK/);
    await rm(folder, { recursive: true });
  }, 30_000);
});

describe('feedback', () => {
  const after = (...feedback: string[]) => planFor(GOALS.plan, { feedback, round: feedback.length + 1 });

  it('becomes a task in its own words', async () => {
    const { tasks, summary } = await after('Show the moon phases beside the tides');
    const task = tasks.find(({ title }) => title.startsWith('Answer the feedback: Show the moon phases'));
    expect(task?.path).toBe('docs/tide-chart-show-the-moon-phases-beside-the.md');
    expect(task && (await fileOf(task, GOALS.plan, tasks))).toContain('What changes');
    expect(summary).toContain('Feedback taken: “Show the moon phases');
  });

  it('takes away what it does not want', async () => {
    const { tasks } = await after('No tests please');
    expect(tasks.some(({ path }) => path?.includes('test'))).toBe(false);
    expect(tasks).toHaveLength(4);
  });

  it('limits the number of tasks', async () => {
    expect((await after('At most two tasks')).tasks).toHaveLength(2);
    expect((await after('Fewer tasks, please')).tasks).toHaveLength(4);
  });

  it('adds up over rounds, and fits even where one task is all there may be', async () => {
    const { tasks } = await after('Show the moon phases', 'Print it on one page');
    expect(tasks.filter(({ title }) => title.startsWith('Answer the feedback'))).toHaveLength(2);
    const tight = await planFor(GOALS.plan, { feedback: ['Show the moon phases'], maxTasks: 1 });
    expect(JSON.stringify(tight)).toContain('Show the moon phases');
  });
});

describe('a task that somebody else planned', () => {
  const task = (path: string | undefined, more: Partial<PlanTask> = {}): PlanTask => ({
    id: 't1',
    title: 'Do the thing',
    kind: path === undefined ? 'Analysis' : 'File',
    instruction: 'Do it in */ full.',
    ...(path === undefined ? {} : { path }),
    acceptance: { type: 'NonEmpty' },
    risk: 'Low',
    dependsOn: [],
    ...more,
  });
  const paths = [
    'a.md',
    'a.mjs',
    'test/a.test.mjs',
    'a.py',
    'a.csv',
    'a.json',
    'a.html',
    'a.txt',
    'a.sh',
    'a.yaml',
    'a.css',
    'a.sql',
    'a.go',
    'Makefile',
    undefined,
  ];

  it.each(paths)('is answered in the form of its file, with the mark of the Rehearsal: %s', async (path) => {
    const acceptance = { type: 'Contains', value: 'a promised phrase' } as const;
    const text = await fileOf(task(path, { acceptance }), GOALS.brief);
    expect(text).toContain('REHEARSAL');
    expect(text).toContain('a promised phrase');
    if (path === 'a.json') expect(JSON.parse(text)).toHaveProperty('rehearsal');
  });

  it('cannot break out of its file', async () => {
    const directive = '<script>alert(1)</script> =HYPERLINK("x")\n{{wants}} $' + '{process.exit()} for a page';
    expect(await fileOf(task('a.html'), directive)).not.toContain('<script>');
    expect(await fileOf(task('a.csv', { title: '=HYPERLINK("x")' }), directive)).toContain(`"'=HYPERLINK(""x"")"`);
    expect(await fileOf(task('a.md'), directive)).toContain('{{wants}}');
    expect((await fileOf(task('a.css'), directive)).match(/\*\//g)).toHaveLength(1);
  });
});

it('understands goals in any script, long or short, and never fails on one', async () => {
  for (const directive of [
    '港の潮汐表を作る',
    'x',
    '🌊',
    '---',
    'a'.repeat(16_384),
    'con',
    '../../etc/passwd',
    'Räume für Übungen planen',
  ])
    expect((await planFor(directive)).tasks.length).toBeGreaterThanOrEqual(3);
});

it('can be paced by a clock, and is then still stopped at once', async () => {
  const clock = new FakeClock();
  const paced = createRehearsalProvider({ pace: { clock, pieceMs: 50 } });
  const deltas: string[] = [];
  const controller = new AbortController();
  const reason = new Error('enough');
  const call = paced.complete(aRequest(), { signal: controller.signal, onDelta: (text) => deltas.push(text) });
  await new Promise((resolve) => setImmediate(resolve));
  expect(deltas).toHaveLength(1);
  await clock.advance(50);
  await new Promise((resolve) => setImmediate(resolve));
  expect(deltas).toHaveLength(2);
  controller.abort(reason);
  await expect(call).rejects.toBe(reason);
});
