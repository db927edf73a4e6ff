import type { TaskStatus } from '@dark-carnival/crds';
import { aPlan } from '@dark-carnival/crds/testing';
import { describe, expect, it } from 'vitest';
import { aStoredPlan, aWagonFacts } from '../../../../testing/a-snapshot.ts';
import { readyTasks, summarizeTasks } from './task-order.ts';
import { placeTask } from './task-placement.ts';

const host = aWagonFacts({ name: 'host', role: 'CORE' });
const other = aWagonFacts({ name: 'other', role: 'OSINT' });
const linked = aPlan([{}, { dependsOn: ['t1'] }, {}]);
const running = (id: string, wagonName: string): TaskStatus => ({
  id,
  title: id,
  kind: 'File',
  state: 'Running',
  wagonName,
});

function where(
  id: string,
  given: { wagons?: (typeof host)[]; tasks?: TaskStatus[]; plan?: typeof linked; wagonName?: string } = {},
): string {
  const { plan } = aStoredPlan(1, given.plan ?? linked);
  const task = plan.tasks.find((each) => each.id === id);
  if (!task) throw new Error('no such task');
  const spec = given.wagonName === undefined ? {} : { wagonName: given.wagonName };
  const placement = placeTask({
    spec,
    plan,
    task,
    host: 'host',
    tasks: given.tasks ?? [],
    wagons: given.wagons ?? [host, other],
  });
  return placement.outcome === 'placed' ? placement.wagon.name : placement.cause.reason;
}

describe('where a task runs', () => {
  const full = [running('x', 'host'), running('y', 'host')];
  it('is the host while that has room', () => {
    expect(where('t3')).toBe('host');
  });

  it('is whoever is free, for a task that stands alone', () => {
    expect(where('t3', { tasks: full })).toBe('other');
  });

  it('stays the host for tasks that build on each other, even if they have to wait', () => {
    expect(where('t1', { tasks: full })).toBe('NoFreeWagon');
    expect(where('t2', { tasks: full })).toBe('NoFreeWagon');
  });

  it('is another one when the host is gone', () => {
    expect(where('t1', { wagons: [other] })).toBe('other');
  });

  it('is a wagon of the role that the plan asks for, in any case of letters', () => {
    expect(where('t1', { plan: aPlan([{ role: 'osint' }]) })).toBe('other');
  });

  it('is the host where no wagon has the role, or the Objective is pinned', () => {
    expect(where('t1', { plan: aPlan([{ role: 'MEDIA' }]) })).toBe('host');
    expect(where('t1', { plan: aPlan([{ role: 'OSINT' }]), wagonName: 'host' })).toBe('host');
  });

  it('is another one after the wagon itself failed, and the same after the work did', () => {
    const after = (message: string): TaskStatus[] => [
      { id: 't1', title: 't1', kind: 'File', state: 'Pending', wagonName: 'host', message },
    ];
    expect(where('t1', { tasks: after('WagonLost: host is not to be reached') })).toBe('other');
    expect(where('t1', { tasks: after('NotAccepted: host: empty') })).toBe('host');
  });
});

describe('the order of tasks', () => {
  it('follows the plan, and waits for what comes before', () => {
    const { plan } = aStoredPlan(1, linked);
    const tasks = (states: TaskStatus['state'][]): TaskStatus[] =>
      states.map((state, index) => ({ id: `t${index + 1}`, title: '', kind: 'File', state }));
    const ready = (states: TaskStatus['state'][]) => readyTasks(plan, tasks(states)).map(({ task }) => task.id);
    expect(ready(['Pending', 'Pending', 'Pending'])).toEqual(['t1', 't3']);
    expect(ready(['Succeeded', 'Pending', 'Running'])).toEqual(['t2']);
    expect(ready(['Failed', 'Pending', 'Succeeded'])).toEqual([]);
    expect(summarizeTasks(tasks(['Succeeded', 'Failed', 'Succeeded']))).toBe('2/3');
  });
});
