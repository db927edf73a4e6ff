import { describe, expect, it } from 'vitest';
import { attemptSpanId, jobSpanId, rootSpanId, spanIdOf, traceIdOf, traceparent } from './ids.ts';

const UID = '0b7c2f3e-8d4a-4f7b-9a51-6f0e2f0b9c11';

describe('ids of traces', () => {
  it('are the uid of the Objective without its dashes', () => {
    expect(traceIdOf(UID)).toBe('0b7c2f3e8d4a4f7b9a516f0e2f0b9c11');
  });

  it('are a hash where the uid is no UUID, and never the id that means none', () => {
    for (const uid of ['not-a-uuid', UID.toUpperCase(), '00000000-0000-0000-0000-000000000000'])
      expect(traceIdOf(uid)).toMatch(/^(?!0{32})[0-9a-f]{32}$/);
    expect(traceIdOf('a')).not.toBe(traceIdOf('b'));
  });

  it('of spans are the same in every process and differ by what they are about', () => {
    const job = `${UID}.debate.1.1`;
    expect(attemptSpanId(job)).toBe(attemptSpanId(job));
    const ids = [
      rootSpanId(UID),
      attemptSpanId(job),
      jobSpanId(job),
      attemptSpanId(`${UID}.debate.1.2`),
      spanIdOf(job, 'turn', 'critic'),
    ];
    expect(new Set(ids).size).toBe(ids.length);
    for (const id of ids) expect(id).toMatch(/^(?!0{16})[0-9a-f]{16}$/);
  });

  it('go over the wire as W3C Trace Context says', () => {
    expect(traceparent(traceIdOf(UID), rootSpanId(UID), true)).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
    expect(traceparent(traceIdOf(UID), rootSpanId(UID), false)).toMatch(/-00$/);
  });
});
