import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DelayHeap } from './delay-heap.ts';

describe('DelayHeap', () => {
  it('gives every key once, in the order of its last time, whatever was set and deleted', () => {
    const operation = fc.record({
      key: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g'),
      dueAt: fc.integer({ min: 0, max: 50 }),
      remove: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(operation), (operations) => {
        const heap = new DelayHeap<string>();
        const model = new Map<string, number>();
        for (const { key, dueAt, remove } of operations) {
          if (remove) expect(heap.delete(key)).toBe(model.delete(key));
          else {
            heap.set(key, dueAt, key);
            model.set(key, dueAt);
          }
          expect(heap.size).toBe(model.size);
          expect(heap.peek()?.dueAt).toBe(model.size === 0 ? undefined : Math.min(...model.values()));
        }
        const times: number[] = [];
        for (let due = heap.popDue(50); due; due = heap.popDue(50)) {
          expect(due.dueAt).toBe(model.get(due.key));
          times.push(due.dueAt);
        }
        expect(times).toEqual([...model.values()].sort((a, b) => a - b));
      }),
    );
  });

  it('keeps what is not due', () => {
    const heap = new DelayHeap<undefined>();
    heap.set('a', 10, undefined);
    expect(heap.popDue(9)).toBeUndefined();
    expect(heap.popDue(10)?.key).toBe('a');
  });
});
