import type { ObjectiveStatus } from '@dark-carnival/crds';
import { anObjective } from '@dark-carnival/crds/testing';
import { describe, expect, it } from 'vitest';
import { SlotBook } from './slot-book.ts';

const debating = (wagonName: string): ObjectiveStatus => ({
  phase: 'Debating',
  wagonName,
  debate: { round: 1, attempt: 1, inputsDigest: `sha256:${'a'.repeat(64)}` },
});
const object = (uid: string, status?: ObjectiveStatus) =>
  anObjective({ metadata: { uid }, ...(status ? { status } : {}) });

const gone = new Set<string>();
const aBook = (onFreed: (namespace: string, slots: number) => void = () => {}) =>
  new SlotBook({ onFreed, exists: (uid) => !gone.has(uid) });

describe('the books of slots', () => {
  it('count the assignments of others, as soon as they are decided', () => {
    const book = aBook();
    book.book('default', 'one', debating('lxc-core'));
    book.book('default', 'two', debating('lxc-core'));
    expect(book.busy('default', 'lxc-core', 'two')).toBe(1);
    expect(book.busy('default', 'lxc-core', 'three')).toBe(2);
    expect(book.busy('other', 'lxc-core', 'three')).toBe(0);
  });

  it('keep what was decided while it is being written, whatever the cache says of before', () => {
    const book = aBook();
    book.bookDecision('default', 'one', debating('lxc-core'));
    // Its finalizer was written first: the watch tells of that, with the old status.
    book.bookObject(object('one'));
    expect(book.busy('default', 'lxc-core', 'two')).toBe(1);
    book.written('one');
    book.bookObject(object('one'));
    expect(book.busy('default', 'lxc-core', 'two')).toBe(0);
    book.bookDecision('default', 'one', debating('lxc-core'));
    book.takeBack(object('one'));
    expect(book.busy('default', 'lxc-core', 'two')).toBe(0);
    book.bookObject(object('one', debating('lxc-core')));
    expect(book.busy('default', 'lxc-core', 'two')).toBe(1);
  });

  it('leave out what is paused: a wagon that holds a job has its slot for another', () => {
    const freed: number[] = [];
    const book = aBook((_namespace, slots) => freed.push(slots));
    book.book('default', 'one', debating('lxc-core'));
    const ready = { type: 'Ready', status: 'False', reason: 'Paused', message: '', lastTransitionTime: '' } as const;
    book.book('default', 'one', { ...debating('lxc-core'), conditions: [ready] });
    expect(book.busy('default', 'lxc-core', 'x')).toBe(0);
    expect(freed).toEqual([1]);
  });

  it('tell when slots become free', () => {
    const freed: [string, number][] = [];
    const book = aBook((namespace, slots) => freed.push([namespace, slots]));
    book.book('default', 'one', debating('lxc-core'));
    book.bookObject(object('one', { phase: 'AwaitingHuman', wagonName: 'lxc-core' }));
    book.drop('default', 'one');
    expect(freed).toEqual([['default', 1]]);
    expect(book.busy('default', 'lxc-core', 'x')).toBe(0);
  });

  it('take back what could not be written without waking anybody: while the API server is away all would wake each other for ever', () => {
    let woken = 0;
    const book = aBook(() => {
      woken += 1;
    });
    book.book('default', 'one', debating('lxc-core'));
    book.takeBack(object('one'));
    expect(book.busy('default', 'lxc-core', 'x')).toBe(0);
    expect(woken).toBe(0);
  });

  it('are not opened again for an object that is gone, by a reconcile that outlived it', () => {
    const book = aBook();
    book.book('default', 'late', debating('lxc-core'));
    gone.add('late');
    book.drop('default', 'late');
    book.book('default', 'late', debating('lxc-core'));
    book.takeBack(object('late', debating('lxc-core')));
    expect(book.busy('default', 'lxc-core', 'x')).toBe(0);
  });

  it('are not broken by an object that breaks its schema', () => {
    const book = aBook();
    book.bookObject(object('one', { phase: 'Executing', tasks: 7 } as never));
    expect(book.busy('default', 'lxc-core', 'x')).toBe(0);
  });
});
