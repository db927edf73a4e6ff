import type { Heartbeat } from '@dark-carnival/crds';
import { FakeClock } from '@dark-carnival/crds/testing';
import { describe, expect, it } from 'vitest';
import { ScriptedWagon } from '../../testing/scripted-wagon.ts';
import { InMemoryLiveness } from './in-memory-liveness.ts';

const beat = (more: Partial<Heartbeat> = {}) => new ScriptedWagon().heartbeat(more);

function setUp() {
  const clock = new FakeClock();
  const liveness = new InMemoryLiveness(clock);
  const heard: string[] = [];
  liveness.onChange((namespace, name) => heard.push(`${namespace}/${name}`));
  return { clock, liveness, heard, age: () => liveness.view('default', 'a').ageMs };
}

describe('when a wagon was last heard', () => {
  it('is counted by the monotonic clock, whatever the wall clock does', async () => {
    const { clock, liveness, age } = setUp();
    liveness.record('default', 'a', beat());
    await clock.advance(12_000);
    clock.jumpWallClock(3_600_000);
    expect(age()).toBe(12_000);
    expect(liveness.view('default', 'a').heardAt).toBe('2026-01-01T00:00:00.000Z');
  });

  it('is not held against a wagon before this process could hear it', async () => {
    const { clock, liveness, age } = setUp();
    await clock.advance(10_000);
    expect(age()).toBe(10_000);
    expect(liveness.view('default', 'a')).toMatchObject({ heardAgoMs: undefined, heartbeat: undefined });
    liveness.beginGrace();
    expect(age()).toBe(0);
  });

  it('is not held against anybody after this process was frozen', async () => {
    const { clock, liveness, age } = setUp();
    liveness.record('default', 'a', beat());
    await clock.advance(5_000);
    await clock.freeze(60_000);
    expect(age()).toBe(0);
    expect(liveness.view('default', 'a').heardAgoMs).toBe(65_000);
    await clock.advance(35_000);
    expect(age()).toBe(35_000);
  });

  it('is asked right after a freeze, before any timer ran', async () => {
    const { clock, liveness, age } = setUp();
    liveness.record('default', 'a', beat());
    const frozen = clock.freeze(40_000);
    expect(age()).toBe(0);
    await frozen;
  });

  it('is forgotten with the wagon', () => {
    const { liveness } = setUp();
    liveness.record('default', 'a', beat());
    liveness.forget('default', 'a');
    expect(liveness.view('default', 'a').heartbeat).toBeUndefined();
  });
});

describe('what is told of heartbeats', () => {
  it('is only what is new', async () => {
    const { clock, liveness, heard } = setUp();
    liveness.record('default', 'a', beat());
    await clock.advance(10_000);
    liveness.record('default', 'a', beat({ vault: { files: 9, bytes: 9 } }));
    expect(heard).toHaveLength(1);
    liveness.record('default', 'a', beat({ instanceID: 'another' }));
    liveness.record('default', 'a', beat({ instanceID: 'another', providers: [{ name: 'kimi', healthy: 'False' }] }));
    expect(heard).toHaveLength(3);
  });

  it('is the first one after a silence, whatever it says', async () => {
    const { clock, liveness, heard } = setUp();
    liveness.record('default', 'a', beat());
    await clock.advance(36_000);
    liveness.record('default', 'a', beat());
    expect(heard).toHaveLength(2);
  });
});
