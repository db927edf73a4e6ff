import { describe, expect, it } from 'vitest';
import { aPlan } from '../../testing/builders.ts';
import { checkPlan } from './check-plan.ts';

const codes = (candidate: unknown, maxTasks = 20): string[] => {
  const result = checkPlan(candidate, { maxTasks });
  return result.ok ? [] : result.issues.map((issue) => issue.code);
};

describe('a plan is accepted', () => {
  it('when tasks depend on earlier ones and write to different files', () => {
    expect(
      codes(aPlan([{}, { dependsOn: ['t1'] }, { kind: 'Analysis', path: undefined, dependsOn: ['t1', 't2'] }])),
    ).toEqual([]);
  });
  it('with acceptance NonEmpty where the model proposed none', () => {
    const result = checkPlan(
      { summary: 's', tasks: [{ id: 't1', title: 'a', kind: 'File', instruction: 'b', path: 'a.md' }] },
      { maxTasks: 1 },
    );
    expect(result.ok && result.plan.tasks[0]?.acceptance).toEqual({ type: 'NonEmpty' });
  });
});

describe('a plan is refused', () => {
  const rows: { name: string; plan: unknown; want: string }[] = [
    { name: 'not an object', plan: 'tasks', want: 'Malformed' },
    { name: 'null', plan: null, want: 'Malformed' },
    { name: 'no tasks', plan: { summary: 's', tasks: [] }, want: 'Malformed' },
    {
      name: 'an unknown kind',
      plan: { ...aPlan(), tasks: [{ ...aPlan().tasks[0], kind: 'Shell' }] },
      want: 'Malformed',
    },
    { name: 'more tasks than allowed', plan: aPlan(Array.from({ length: 21 }, () => ({}))), want: 'TooManyTasks' },
    { name: 'an id used twice', plan: aPlan([{ id: 't1' }, { id: 't1' }]), want: 'DuplicateID' },
    { name: 'a dependency that is not there', plan: aPlan([{ dependsOn: ['t9'] }]), want: 'UnknownDependency' },
    { name: 'a task that waits for itself', plan: aPlan([{ dependsOn: ['t1'] }]), want: 'Cycle' },
    {
      name: 'tasks that wait for each other',
      plan: aPlan([{ dependsOn: ['t2'] }, { dependsOn: ['t1'] }]),
      want: 'Cycle',
    },
    { name: 'a File task without a path', plan: aPlan([{ path: undefined }]), want: 'MissingPath' },
    { name: 'a command, which no wagon runs yet', plan: aPlan([{ kind: 'Command' }]), want: 'KindNotInstalled' },
    {
      name: 'Contains without a value',
      plan: aPlan([{ acceptance: { type: 'Contains' } }]),
      want: 'MissingAcceptanceValue',
    },
    {
      name: 'two files that differ in case only',
      plan: aPlan([{ path: 'README.md' }, { path: 'readme.MD' }]),
      want: 'PathCollision',
    },
    {
      name: 'a file where another task needs a folder',
      plan: aPlan([{ path: 'docs' }, { path: 'docs/a.md' }]),
      want: 'PathCollision',
    },
  ];
  it.each(rows)('for $name', ({ plan, want }) => {
    expect(codes(plan)).toContain(want);
  });

  const paths = [
    '../x',
    '/etc/x',
    'a/../../x',
    'a\0b',
    'C:\\x',
    'a\\b',
    '.hidden',
    'a/.debate/x',
    'con',
    'a/NUL.txt',
    'x.',
    'a//b',
    'a/',
    'ä.md',
    'a b',
    'a..b',
    `${'x/'.repeat(9)}y`,
    'e\u0301.md',
    '~/x',
    '-rf/\n',
  ];
  it.each(paths.map((path) => ({ path })))('for the path $path', ({ path }) => {
    expect(codes(aPlan([{ path }]))).toContain('UnsafePath');
  });

  it('and names the task and the reason', () => {
    const result = checkPlan(aPlan([{ path: '../x' }]), { maxTasks: 20 });
    expect(result.ok ? '' : `${result.issues[0]?.path}: ${result.issues[0]?.message}`).toMatch(
      /^tasks\.0\.path: "\.\.\/x" must be relative/,
    );
  });
});
