import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Clock, systemClock } from '@dark-carnival/crds/clock';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { childEnv } from '../child-env.ts';
import { describeExit } from './child.ts';
import { spawnChild } from './spawn-child.ts';
import { Supervisor, type SupervisorEvent } from './supervisor.ts';

let dir: string;
let supervisors: Supervisor[];
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'carnival-supervisor-'));
  supervisors = [];
});
afterEach(async () => {
  for (const supervisor of supervisors) supervisor.kill();
  await Promise.all(supervisors.map((supervisor) => supervisor.stop(0)));
  rmSync(dir, { recursive: true, force: true });
});

/** Real time for everything but the back-off, which passes at once and is written down. */
function impatient(waits: number[]): Clock {
  return {
    ...systemClock,
    setTimeout: (run, delayMs) => {
      waits.push(delayMs);
      return systemClock.setTimeout(run, 0);
    },
  };
}

function supervise(source: string, clock: Clock = systemClock) {
  const program = join(dir, 'child.ts');
  writeFileSync(program, source);
  const events: SupervisorEvent[] = [];
  const waiters: { count: number; resolve: () => void }[] = [];
  const lines: string[] = [];
  const supervisor = new Supervisor({
    launch: async () => spawnChild({ program, args: [], env: childEnv(process.env), log: (line) => lines.push(line) }),
    clock,
    onEvent: (event) => {
      events.push(event);
      for (const waiter of waiters) if (events.length >= waiter.count) waiter.resolve();
    },
  });
  supervisors.push(supervisor);
  const eventCount = (count: number) =>
    events.length >= count ? Promise.resolve() : new Promise<void>((resolve) => waiters.push({ count, resolve }));
  return { supervisor, events, lines, eventCount };
}

const SERVES = `console.log('{"ready":true,"pid":' + process.pid + '}'); setInterval(() => {}, 1000);`;

const isAlive = (pid: number) => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

describe('Supervisor, with real processes', () => {
  it('tells when the child is ready and starts it again when it was killed', async () => {
    const waits: number[] = [];
    const { supervisor, events, eventCount } = supervise(SERVES, impatient(waits));
    const first = await supervisor.start().firstReady;
    process.kill(Number(first?.['pid']), 'SIGKILL');
    await eventCount(3);
    expect(events.map(({ type }) => type)).toEqual(['ready', 'exited', 'ready']);
    expect(events[1]).toMatchObject({ exit: { signal: 'SIGKILL' }, retryInMs: 1000 });
    expect(events[2]).toMatchObject({ restarts: 1 });
    expect(waits).toContain(1000);
  });

  it('backs off from a child that fails at once, and repeats its last words', async () => {
    const { events, eventCount, supervisor } = supervise(
      `console.error('the disk is full'); process.exit(3);`,
      impatient([]),
    );
    supervisor.start();
    await eventCount(3);
    const exits = events.flatMap((event) => (event.type === 'exited' ? [event] : []));
    expect(exits.slice(0, 3).map(({ retryInMs }) => retryInMs)).toEqual([1000, 2000, 4000]);
    expect(exits[0] && describeExit(exits[0].exit)).toBe('exit code 3: the disk is full');
  });

  it('stops a child politely, and does not start it again', async () => {
    const { supervisor, events, lines } = supervise(
      `process.on('SIGTERM', () => { console.log('good bye'); process.exit(0); }); ${SERVES}`,
    );
    await supervisor.start().firstReady;
    await supervisor.stop(10_000);
    expect(lines).toContain('good bye');
    expect(events.map(({ type }) => type)).toEqual(['ready']);
  });

  it('kills a child that does not listen, once the grace is over', async () => {
    const { supervisor } = supervise(`process.on('SIGTERM', () => {}); ${SERVES}`);
    const ready = await supervisor.start().firstReady;
    await supervisor.stop(50);
    expect(isAlive(Number(ready?.['pid']))).toBe(false);
  });

  it('stops while it waits for what the child needs', async () => {
    const supervisor = new Supervisor({
      launch: (signal) => new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
      clock: systemClock,
      onEvent: () => {},
    }).start();
    await supervisor.stop(10_000);
    expect(await supervisor.firstReady).toBeUndefined();
  });

  it('lets a child see that we are gone by the end of its stdin', async () => {
    const program = join(dir, 'orphan.ts');
    writeFileSync(program, `process.stdin.on('end', () => process.exit(7)).resume(); ${SERVES}`);
    const parent = join(dir, 'parent.ts');
    const spawnModule = new URL('./spawn-child.ts', import.meta.url).href;
    writeFileSync(
      parent,
      `import { spawnChild } from '${spawnModule}';
       const child = spawnChild({ program: ${JSON.stringify(program)}, args: [], env: { PATH: process.env.PATH ?? '' }, log: () => {} });
       const ready = await child.ready;
       console.log(JSON.stringify({ ready: true, grandchild: ready?.pid }));
       setInterval(() => {}, 1000);`,
    );
    const child = spawnChild({ program: parent, args: [], env: childEnv(process.env), log: () => {} });
    const pid = Number((await child.ready)?.['grandchild']);
    expect(isAlive(pid)).toBe(true);
    child.kill();
    await child.exited;
    await expect.poll(() => isAlive(pid), { timeout: 5000 }).toBe(false);
  });
});
