import { describe, expect, it } from 'vitest';
import { eventName, nameOnWagon } from './event-names.ts';

const bytes = (size: number) => Buffer.alloc(size, 7);

describe('names of an event', () => {
  it('say what it is about, and are short enough for a label and for a name with the wagon in it', () => {
    expect(eventName('Plan a tide chart for a small harbour, première édition', bytes)).toBe(
      'plan-a-tide-chart-for-a-kkkkk',
    );
    expect(eventName('潮汐', bytes)).toBe('objective-kkkkk');
    expect(eventName('x'.repeat(100), bytes).length).toBeLessThanOrEqual(30);
  });

  it('are always the same on a wagon, and differ where two long names begin alike', () => {
    expect(nameOnWagon('drill', 'lxc-core')).toBe('drill-lxc-core');
    const long = (end: string) => nameOnWagon('e'.repeat(30), `${'wagon-'.repeat(8)}${end}`);
    expect(long('a').length).toBeLessThanOrEqual(52);
    expect(long('a')).not.toBe(long('b'));
    expect(long('a')).toBe(long('a'));
  });
});
