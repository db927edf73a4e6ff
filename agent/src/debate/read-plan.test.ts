import { checkPlan } from '@dark-carnival/crds';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { judgePlan } from './judge-plan.ts';
import { readPlan } from './read-plan.ts';

const task = (more: object = {}) => ({
  title: 'Write the brief',
  kind: 'File',
  path: 'docs/brief.md',
  instruction: 'Write one page.',
  ...more,
});
const limits = { maxTasks: 6, maxTokens: 1000 };
/** Reads and judges a plan; a plan that is refused comes back as its errors. */
const judge = (tasks: unknown, summary: unknown = 'A brief.') =>
  judgePlan({ finishReason: 'stop', json: { summary, tasks } }, limits);
const planOf = (tasks: unknown) => {
  const verdict = judge(tasks);
  if (!('plan' in verdict)) throw new Error(JSON.stringify(verdict));
  return verdict;
};
const errorsOf = (tasks: unknown): string => {
  const verdict = judge(tasks);
  return 'errors' in verdict ? verdict.errors.join('\n') : '';
};

describe('a plan in slots', () => {
  it('becomes a list of tasks with the ids of their slots; empty slots are passed over', () => {
    const { plan, repairs } = planOf({ t1: task(), t2: null, t3: task({ path: 'docs/more.md', dependsOn: ['t1'] }) });
    expect(plan.tasks.map(({ id, dependsOn }) => [id, dependsOn])).toEqual([
      ['t1', []],
      ['t3', ['t1']],
    ]);
    expect(repairs).toEqual([]);
  });

  it('loses dependencies on slots that stayed empty, and says so', () => {
    const { plan, repairs } = planOf({
      t1: task(),
      t2: null,
      t3: task({ path: 'docs/more.md', dependsOn: ['t1', 't2', 't1', 't3'] }),
    });
    expect(plan.tasks[1]?.dependsOn).toEqual(['t1']);
    expect(repairs).toEqual(['t3: dependencies on itself or on tasks that are not there were left out']);
  });
});

describe('a plan as a list', () => {
  it('is numbered in its order, and dependencies follow the new names', () => {
    const { plan } = planOf([
      task({ id: 'research', path: 'a.md' }),
      task({ id: 7, path: 'b.md', depends_on: 'research' }),
      task({ id: 'research-2', path: 'c.md', dependsOn: ['research', 7] }),
    ]);
    expect(plan.tasks.map(({ id, dependsOn }) => [id, dependsOn])).toEqual([
      ['t1', []],
      ['t2', ['t1']],
      ['t3', ['t1', 't2']],
    ]);
  });

  it('may name a later task as a dependency, as long as nobody waits for ever', () => {
    const { plan, repairs } = planOf([
      task({ id: 'a', path: 'a.md', dependsOn: ['b'] }),
      task({ id: 'b', path: 'b.md' }),
    ]);
    expect(plan.tasks[0]?.dependsOn).toEqual(['t2']);
    expect(repairs).toEqual([]);
  });

  it('is freed of cycles by what points forward', () => {
    const { plan, repairs } = planOf([
      task({ id: 'a', path: 'a.md', dependsOn: ['b'] }),
      task({ id: 'b', path: 'b.md', dependsOn: ['a'] }),
    ]);
    expect(plan.tasks.map(({ dependsOn }) => dependsOn)).toEqual([[], ['t1']]);
    expect(repairs).toEqual(['tasks waited for each other (t1, t2); each now waits only for earlier ones']);
  });

  it('is read in the words that models without a schema use', () => {
    const { plan } = planOf([{ name: 'Brief', type: 'file', file: 'brief.md', description: 'Write it.' }]);
    expect(plan.tasks[0]).toMatchObject({ title: 'Brief', kind: 'File', path: 'brief.md', instruction: 'Write it.' });
  });

  it('is refused when it is too long: which task to leave out is not for us to say', () => {
    expect(errorsOf(Array.from({ length: 7 }, (_, index) => task({ path: `f${index}.md` })))).toMatch(
      /7 tasks, at most 6/,
    );
  });
});

describe('paths', () => {
  const pathsOf = (...paths: unknown[]) =>
    planOf(paths.map((path) => task({ path }))).plan.tasks.map(({ path }) => path);

  it('get a suffix where two tasks would write to one place, by any spelling', () => {
    expect(pathsOf('docs/a.md', 'docs/a.md', 'Docs/A.md', 'docs/a.md')).toEqual([
      'docs/a.md',
      'docs/a-2.md',
      'Docs/A-3.md',
      'docs/a-4.md',
    ]);
    expect(pathsOf('docs.md', 'docs.md/a.md')).toEqual(['docs.md', 'docs.md-2/a.md']);
  });

  it('are spelled so that every file system has them', () => {
    expect(pathsOf('./docs/my brief.md', 'résumé.md', 'docs\\b.md', 'report', ' .env.md ', 'Makefile')).toEqual([
      'docs/my-brief.md',
      'resume.md',
      'docs/b.md',
      'report.md',
      'env.md',
      'Makefile',
    ]);
  });

  it('are found for a file that has none, and left away where an analysis needs none', () => {
    expect(pathsOf(undefined, '')).toEqual(['docs/t1.md', 'docs/t2.md']);
    const { plan, repairs } = planOf({
      t1: task({ kind: 'Analysis', path: 'x.sh' }),
      t2: task({ kind: 'Analysis', path: undefined }),
    });
    expect(plan.tasks.map(({ path }) => path)).toEqual([undefined, undefined]);
    expect(repairs).toEqual(['t1: an analysis is written in Markdown; the path “x.sh” was left out']);
  });

  it.each([
    '../x.md',
    'docs/../../x.md',
    '/etc/passwd',
    '\\\\host\\share',
    'C:\\x.md',
    '~/x.md',
    'a\0b.md',
    'docs/..\\x.md',
  ])('that lead out are refused, not read differently: %j', (path) => {
    expect(errorsOf([task({ path })])).toMatch(/tasks\.0\.path/);
  });

  it('with a name that Windows reserves are refused', () => {
    expect(errorsOf([task({ path: 'docs/con.md' })])).toMatch(/con\.md/);
  });
});

describe('acceptance', () => {
  const acceptanceOf = (more: object) => planOf([task(more)]).plan.tasks[0];

  it('is that there is something, where the model proposes nothing', () => {
    expect(acceptanceOf({})?.acceptance).toEqual({ type: 'NonEmpty' });
    expect(acceptanceOf({ mustContain: null })?.acceptance).toEqual({ type: 'NonEmpty' });
    expect(acceptanceOf({ acceptance: { type: 'Perfect' } })?.acceptance).toEqual({ type: 'NonEmpty' });
  });

  it('that looks for words is told to whoever does the task', () => {
    const told = acceptanceOf({ mustContain: 'High water' });
    expect(told?.acceptance).toEqual({ type: 'Contains', value: 'High water' });
    expect(told?.instruction).toContain('High water');
    expect(acceptanceOf({ acceptance: { type: 'Contains', value: 'page' } })?.instruction).toBe('Write one page.');
  });

  it('asks for JSON only of a JSON file', () => {
    expect(acceptanceOf({ path: 'a.json', acceptance: { type: 'ValidJSON' } })?.acceptance).toEqual({
      type: 'ValidJSON',
    });
    expect(acceptanceOf({ acceptance: { type: 'ValidJSON' } })?.acceptance).toEqual({ type: 'NonEmpty' });
  });
});

describe('an answer', () => {
  it('that was cut off is refused, however well it reads', () => {
    const json = { summary: 'A brief.', tasks: { t1: task() } };
    expect(judgePlan({ finishReason: 'length', json }, limits)).toMatchObject({ isCutOff: true });
  });

  it('that was withheld is not asked for again', () => {
    expect(judgePlan({ finishReason: 'refusal' }, limits)).toEqual({ refused: 'the model refused to answer' });
    expect(judgePlan({ finishReason: 'filter' }, limits)).toHaveProperty('refused');
  });

  it('with a kind of task that is not installed is refused, not done as another', () => {
    expect(errorsOf([task({ kind: 'Command' })])).toMatch(/Command are not installed/);
    expect(planOf([task({ kind: 'FILE' })]).plan.tasks[0]?.kind).toBe('File');
  });

  it('without tasks or instructions is refused', () => {
    expect(errorsOf([])).not.toBe('');
    expect(errorsOf({})).not.toBe('');
    expect(errorsOf('none')).not.toBe('');
    expect(errorsOf([task({ instruction: ' ' })])).toMatch(/instruction/);
  });

  it('may wrap the plan, and lack a summary', () => {
    const { candidate, repairs } = readPlan({ plan: { tasks: [task()] } });
    expect(checkPlan(candidate, { maxTasks: 1 })).toMatchObject({ ok: true, plan: { summary: 'Write the brief' } });
    expect(repairs).toEqual(['the summary was missing; it is made of the titles']);
  });

  it('of any shape is judged without throwing, and repairs stay within their bounds', () => {
    const member = fc.oneof(
      fc.jsonValue(),
      fc.constantFrom('t1', '../x', 'File', '', null, ['t1', 't2'], { type: 'Contains', value: 'x' }),
    );
    const names = fc.constantFrom(
      'id',
      'title',
      'kind',
      'path',
      'instruction',
      'dependsOn',
      'acceptance',
      'mustContain',
      'role',
      'risk',
    );
    const aTask = fc.dictionary(names, member);
    const tasks = fc.oneof(
      fc.array(aTask, { maxLength: 30 }),
      fc.dictionary(fc.constantFrom('t1', 't2', 't3', '__proto__', 'x'), aTask),
      fc.jsonValue(),
    );
    fc.assert(
      fc.property(fc.oneof(fc.jsonValue(), fc.record({ summary: member, tasks })), (json) => {
        const verdict = judgePlan({ finishReason: 'stop', json }, limits);
        const { repairs } = readPlan(json);
        expect(repairs.length).toBeLessThanOrEqual(16);
        for (const repair of repairs) expect([...repair].length).toBeLessThanOrEqual(256);
        if ('plan' in verdict) expect(checkPlan(verdict.plan, limits).ok).toBe(true);
      }),
      { numRuns: 500 },
    );
  });
});
