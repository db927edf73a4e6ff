import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { childEnv } from './child-env.ts';
import { openDataFolder } from './data-folder.ts';
import { isPortFree, requireFreePorts } from './ports.ts';
import { V8_FLAGS } from './programs.ts';
import { spawnChild } from './supervise/spawn-child.ts';
import { UpError } from './up-error.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'carnival-machine-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

describe('the data folder', () => {
  it('is made, for us alone, and is fresh until a kubeconfig lies in it', () => {
    const path = join(dir, 'a', 'b');
    const folder = openDataFolder(path);
    expect(folder).toMatchObject({ path, kubeconfig: join(path, 'kubeconfig'), fresh: true });
    expect(statSync(path).mode & 0o777).toBe(0o700);
    expect(existsSync(folder.logs) && existsSync(folder.wagons)).toBe(true);
    writeFileSync(folder.kubeconfig, 'x');
    folder.release();
    const again = openDataFolder(path);
    expect(again.fresh).toBe(false);
    again.release();
  });

  it('is held by one process, which the other is told of, and is free once that one is gone, however it went', async () => {
    const program = join(dir, 'holder.ts');
    const module = new URL('./data-folder.ts', import.meta.url).href;
    writeFileSync(
      program,
      `import { openDataFolder } from '${module}';
       const folder = openDataFolder(${JSON.stringify(join(dir, 'data'))});
       console.log(JSON.stringify({ ready: true, pid: process.pid }));
       // The lock lasts as long as it is referred to.
       setInterval(() => folder, 1000);`,
    );
    const holder = spawnChild({ program, args: [], env: childEnv(process.env), log: () => {} });
    const pid = (await holder.ready)?.['pid'];
    expect(() => openDataFolder(join(dir, 'data'))).toThrow(`in use by another carnival up (process ${pid})`);
    holder.kill();
    await holder.exited;
    openDataFolder(join(dir, 'data')).release();
  });

  it('that is a file, or lies below one, is refused in one line', () => {
    writeFileSync(join(dir, 'file'), '');
    for (const path of [join(dir, 'file'), join(dir, 'file', 'below')]) {
      expect(() => openDataFolder(path)).toThrow(/cannot be written \(a file is in the way\): .* --data$/);
    }
  });

  it('that holds the things of others is left as it is', () => {
    writeFileSync(join(dir, 'letter'), '');
    chmodSync(dir, 0o755);
    expect(() => openDataFolder(dir)).toThrow(/holds other things: .* --data$/);
    expect(statSync(dir).mode & 0o777).toBe(0o755);
    expect(readdirSync(dir)).toEqual(['letter']);
  });

  it('that is the root of a disk of its own is taken', () => {
    mkdirSync(join(dir, 'lost+found'));
    openDataFolder(dir).release();
  });

  it.skipIf(process.getuid?.() === 0)('that cannot be written is refused in one line', () => {
    chmodSync(dir, 0o500);
    expect(() => openDataFolder(join(dir, 'x'))).toThrow(UpError);
    chmodSync(dir, 0o700);
  });
});

describe('ports', () => {
  let server: Server;
  const listen = (host: string) =>
    new Promise<number>((resolve) => {
      server = createServer().listen(0, host, () => {
        const address = server.address();
        resolve(typeof address === 'object' && address ? address.port : 0);
      });
    });
  afterEach(() => new Promise<void>((resolve) => server.close(() => resolve())));

  it.each(['127.0.0.1', '0.0.0.0'])(
    'that somebody listens on at %s are told with who needs them and what to do',
    async (host) => {
      const port = await listen(host);
      const claim = { port, who: 'the hub', remedy: 'choose another with --port' };
      await expect(requireFreePorts([claim])).rejects.toThrow(
        `port ${port} for the hub is taken by another program: choose another with --port`,
      );
    },
  );

  it('are free again once nobody listens', async () => {
    const port = await listen('127.0.0.1');
    expect(await isPortFree(port)).toBe(false);
    await new Promise<void>((resolve) => server.close(() => resolve()));
    expect(await isPortFree(port)).toBe(true);
    await requireFreePorts([{ port, who: 'x', remedy: 'y' }]);
    await listen('127.0.0.1');
  });
});

describe('the environment of a child', () => {
  it('has what a process needs and what it is given, and no key', () => {
    const env = {
      PATH: '/bin',
      HOME: '/h',
      OPENAI_API_KEY: 'sk',
      AZURE_API_KEY: 'az',
      KUBECONFIG: '/k',
      NODE_OPTIONS: '-r x',
    };
    expect(childEnv(env, { PORT: '1' })).toEqual({ PATH: '/bin', HOME: '/h', PORT: '1' });
  });

  it('says where parsed code is kept, so that it is parsed once for all of them', () => {
    expect(childEnv({ NODE_COMPILE_CACHE: '/c' })).toEqual({ NODE_COMPILE_CACHE: '/c' });
  });
});

describe('a child', () => {
  it("runs with V8's flags that it was given, and with none of ours where it was given none", async () => {
    const program = join(dir, 'flags.ts');
    writeFileSync(program, 'console.log(JSON.stringify({ ready: true, flags: process.execArgv }))');
    const flagsOf = async (given: { v8Flags?: readonly string[] }) => {
      const spec = { program, args: [], env: childEnv(process.env), log: () => {}, ...given };
      return (await spawnChild(spec).ready)?.['flags'];
    };
    expect(await flagsOf({ v8Flags: V8_FLAGS.api })).toEqual(expect.arrayContaining([...V8_FLAGS.api]));
    expect(JSON.stringify(await flagsOf({}))).not.toMatch(/semi-space|maglev/);
  });
});
