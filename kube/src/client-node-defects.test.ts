import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { systemClock } from '@dark-carnival/crds/clock';
import { FakeClock, settle } from '@dark-carnival/crds/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  answerJson,
  createTestAuthority,
  eventually,
  startHttpServer,
  type TestServer,
  WIDGETS,
  type Widget,
  WidgetServer,
} from '../testing/index.ts';
import { KubeClient } from './client/kube-client.ts';
import { Reflector, type ReflectorOptions } from './reflector/reflector.ts';
import type { ReflectorReport } from './reflector/report.ts';
import { createTransport } from './transport/create-transport.ts';
import { PoolRegistry } from './transport/pools.ts';

/**
 * The sixteen ways in which @kubernetes/client-node 1.4 and 2.0 were measured to fail an operator, each against a real server on loopback that
 * behaves badly in just that way. Ours has to be immune.
 */
const servers: TestServer[] = [];
const reflectors: Reflector<Widget>[] = [];
const unhandled: unknown[] = [];
const onUnhandled = (reason: unknown) => unhandled.push(reason);

beforeEach(() => {
  unhandled.length = 0;
  process.on('unhandledRejection', onUnhandled);
});

afterEach(async () => {
  await Promise.all(reflectors.splice(0).map((reflector) => reflector.stop()));
  await Promise.all(servers.splice(0).map((server) => server.close()));
  await settle();
  process.off('unhandledRejection', onUnhandled);
  expect(unhandled).toEqual([]);
});

async function serve(...args: Parameters<typeof startHttpServer>): Promise<TestServer> {
  const server = await startHttpServer(...args);
  servers.push(server);
  return server;
}

async function widgets(): Promise<WidgetServer> {
  const server = await new WidgetServer().start();
  servers.push(server.http);
  return server;
}

interface Observed {
  reflector: Reflector<Widget>;
  reports: ReflectorReport[];
  /** `add a`, `update a`, `delete a` … in order. */
  told: string[];
}

function reflect(server: WidgetServer, options: ReflectorOptions<Widget> = {}): Observed {
  const clock = options.clock ?? systemClock;
  const client = new KubeClient(createTransport(server.http.config(), { clock, pools: new PoolRegistry() }), { clock });
  const reports: ReflectorReport[] = [];
  const reflector = new Reflector<Widget>(client, WIDGETS, {
    backoff: { baseMs: 10, maxMs: 40 },
    ...options,
    onReport: (report) => reports.push(report),
  });
  const told: string[] = [];
  reflector.subscribe({
    onAdd: ({ metadata }) => void told.push(`add ${metadata.name}`),
    onUpdate: (_before, { metadata }) => void told.push(`update ${metadata.name}`),
    onDelete: ({ metadata }) => void told.push(`delete ${metadata.name}`),
  });
  reflectors.push(reflector);
  reflector.start();
  return { reflector, reports, told };
}

const failures = (reports: ReflectorReport[]) => reports.filter(({ kind }) => kind === 'failed');

describe('client-node 1: a new TLS connection per call', () => {
  it('sends 200 calls over the connections of four workers', async () => {
    const authority = createTestAuthority();
    const server = await serve((_request, response) => answerJson(response, 200, { kind: 'Widget' }), {
      tls: { server: authority.issue('api') },
    });
    const config = server.config({ identity: { ca: authority.ca, token: 't' } });
    const client = new KubeClient(createTransport(config, { pools: new PoolRegistry() }));
    await Promise.all(
      Array.from({ length: 4 }, async () => {
        for (let call = 0; call < 50; call += 1) await client.get(WIDGETS, { namespace: 'default', name: 'a' });
      }),
    );
    expect(server.requests).toHaveLength(200);
    // The pool may open a second connection for a worker whose first is just being handed back; never one per call.
    expect(server.connections()).toBeLessThanOrEqual(8);
  });

  it('opens new connections when the client certificate is rotated, and closes the old ones', async () => {
    const authority = createTestAuthority();
    const server = await serve((_request, response) => answerJson(response, 200, { kind: 'Widget' }), {
      tls: { server: authority.issue('api'), clientCa: authority.ca },
    });
    const identities = ['before', 'after'].map((name) => {
      const { certificate, key } = authority.issue(name);
      return { ca: authority.ca, clientCertificate: certificate, clientKey: key };
    });
    let [current = {}] = identities;
    const pools = new PoolRegistry();
    const config = server.config({ credentials: { current: () => current, refresh: () => {} } });
    const client = new KubeClient(createTransport(config, { pools }));
    const ref = { namespace: 'default', name: 'a' };
    await client.get(WIDGETS, ref);
    await client.get(WIDGETS, ref);
    const before = server.connections();
    current = identities[1] ?? {};
    await client.get(WIDGETS, ref);
    const opened = server.connections() - before;
    expect(opened).toBeGreaterThan(0);
    expect(pools.size).toBe(1);
    await eventually(() => expect(server.openConnections()).toBe(opened));
  });
});

describe('client-node 2: a watch hangs silently', () => {
  it('opens the watch anew after the time of inactivity and misses nothing', async () => {
    const server = await widgets();
    const clock = new FakeClock();
    const { reflector, reports, told } = reflect(server, { clock });
    await eventually(() => expect(server.openWatches).toBe(1));
    server.goSilent();
    server.put('missed');
    await clock.advance(69_000);
    expect(server.watches()).toHaveLength(1);
    await clock.advance(2_000);
    await eventually(() => expect(told).toEqual(['add missed']));
    expect(reports.some(({ kind }) => kind === 'inactive')).toBe(true);
    expect(server.lists()).toHaveLength(1);
    expect(reflector.store.size).toBe(1);
  });
});

describe('client-node 3 and 4: a quiet watch is cut every 30 s', () => {
  it('keeps one watch for ten quiet minutes of bookmarks', async () => {
    const server = await widgets();
    const clock = new FakeClock();
    const { told, reflector } = reflect(server, { clock });
    await eventually(() => expect(server.openWatches).toBe(1));
    for (let minute = 0; minute < 10; minute += 1) {
      await clock.advance(60_000);
      server.bookmark();
      // The bookmark has arrived once the cache counts as fresh again.
      await eventually(() => expect(reflector.staleMs()).toBe(0));
    }
    expect(server.watches()).toHaveLength(1);
    expect(told).toEqual([]);
  });
});

describe('client-node 5: one error stops the informer for good', () => {
  const faults: { name: string; on: 'list' | 'watch'; fault: Parameters<WidgetServer['failNext']>[1] }[] = [
    { name: 'a 500 on the watch', on: 'watch', fault: (_request, response) => answerJson(response, 500, {}) },
    { name: 'a 429 on the watch', on: 'watch', fault: (_request, response) => answerJson(response, 429, {}) },
    { name: 'a reset on the watch', on: 'watch', fault: (_request, response) => void response.destroy() },
    { name: 'a 500 on the list', on: 'list', fault: (_request, response) => answerJson(response, 500, {}) },
    { name: 'a reset on the list', on: 'list', fault: (_request, response) => void response.destroy() },
    { name: 'HTML instead of a list', on: 'list', fault: (_request, response) => void response.end('<html>hi</html>') },
  ];
  for (const { name, on, fault } of faults) {
    it(`goes on after ${name}, several times`, async () => {
      const server = await widgets();
      for (let time = 0; time < 5; time += 1) server.failNext(on, fault);
      server.put('a');
      const { reflector, told } = reflect(server);
      expect(await reflector.synced()).toBe(true);
      await eventually(() => expect(server.openWatches).toBe(1));
      server.put('b');
      await eventually(() => expect(told).toEqual(['add a', 'add b']));
    });
  }

  it('goes on after a TCP reset in the middle of a watch', async () => {
    const server = await widgets();
    const { told } = reflect(server);
    for (const name of ['a', 'b', 'c']) {
      await eventually(() => expect(server.openWatches).toBe(1));
      server.http.reset();
      server.put(name);
      await eventually(() => expect(told).toContain(`add ${name}`));
    }
    expect(server.lists()).toHaveLength(1);
  });

  it('waits as long as Retry-After asks', async () => {
    const server = await widgets();
    const clock = new FakeClock();
    server.failNext('watch', (_request, response) => answerJson(response, 429, {}, { 'retry-after': '7' }));
    const { reports } = reflect(server, { clock });
    await eventually(() => expect(failures(reports)).toHaveLength(1));
    await clock.advance(6_900);
    expect(server.watches()).toHaveLength(1);
    await clock.advance(200);
    await eventually(() => expect(server.openWatches).toBe(1));
  });
});

describe('client-node 6: 410 and other ERROR events', () => {
  it('lists again after an HTTP 410 and notices what was deleted meanwhile', async () => {
    const server = await widgets();
    server.put('kept');
    server.put('gone');
    const { told } = reflect(server);
    await eventually(() => expect(server.openWatches).toBe(1));
    server.goSilent();
    server.remove('gone');
    server.put('new');
    server.compact();
    server.http.reset();
    await eventually(() => expect(told).toEqual(['add kept', 'add gone', 'add new', 'delete gone']));
    expect(server.lists()).toHaveLength(2);
  });

  it('lists again after a 410 in an ERROR event', async () => {
    const server = await widgets();
    server.put('a');
    const { reports } = reflect(server);
    await eventually(() => expect(server.openWatches).toBe(1));
    server.send(`${JSON.stringify({ type: 'ERROR', object: { kind: 'Status', code: 410, reason: 'Expired' } })}\n`);
    await eventually(() => expect(server.lists()).toHaveLength(2));
    expect(reports.some(({ kind }) => kind === 'expired')).toBe(true);
  });

  it('reports any other ERROR event and watches again from where it was', async () => {
    const server = await widgets();
    const { reports, told } = reflect(server);
    await eventually(() => expect(server.openWatches).toBe(1));
    server.send(`${JSON.stringify({ type: 'ERROR', object: { kind: 'Status', code: 500, message: 'etcd lost' } })}\n`);
    await eventually(() => expect(failures(reports)).toHaveLength(1));
    server.put('a');
    await eventually(() => expect(told).toEqual(['add a']));
    expect(server.lists()).toHaveLength(1);
  });
});

describe('client-node 7: a server that closes at once is asked 400 times a second', () => {
  it('backs off, and stays in touch', async () => {
    const server = await widgets();
    const clock = new FakeClock();
    for (let time = 0; time < 1_000; time += 1) {
      server.failNext('watch', (_request, response) => void response.writeHead(200).end());
    }
    reflect(server, { clock, backoff: { baseMs: 200, maxMs: 4_000 }, random: () => 0 });
    await eventually(() => expect(server.watches()).toHaveLength(1));
    for (let second = 0; second < 30; second += 1) {
      await clock.advance(1_000);
      // The answer travels over a real socket: the next wait begins once it is there.
      await eventually(() => expect(clock.nextInMs).toBeLessThanOrEqual(4_000));
    }
    expect(server.watches().length).toBeGreaterThan(10);
    expect(server.watches().length).toBeLessThan(25);
  });
});

describe('client-node 8: bookmarks are never asked for', () => {
  it('asks for them and watches on from the last one, so a quiet kind never gets 410', async () => {
    const server = await widgets();
    const { reports } = reflect(server);
    await eventually(() => expect(server.openWatches).toBe(1));
    expect(server.watches()[0]?.url.searchParams.get('allowWatchBookmarks')).toBe('true');
    server.bookmark(5_000);
    server.compact();
    server.endWatches();
    await eventually(() => expect(server.watches()).toHaveLength(2));
    expect(server.watches()[1]?.url.searchParams.get('resourceVersion')).toBe('5100');
    expect(reports.some(({ kind }) => kind === 'expired')).toBe(false);
  });
});

describe('client-node 9: a handler that throws ends the process', () => {
  it('reports it, sync or async, and serves the other handlers', async () => {
    const server = await widgets();
    server.put('a');
    const { reflector, reports, told } = reflect(server);
    reflector.subscribe({
      onAdd: () => {
        throw new Error('sync');
      },
      onUpdate: () => Promise.reject(new Error('async')),
    });
    await reflector.synced();
    await eventually(() => expect(server.openWatches).toBe(1));
    server.put('a', 2);
    await eventually(() => expect(told).toEqual(['add a', 'update a']));
    await eventually(() => {
      const errors = reports.flatMap((report) => (report.kind === 'handler-failed' ? [String(report.error)] : []));
      expect(errors).toEqual(['Error: sync', 'Error: async']);
    });
  });
});

describe('client-node 10: lines that are not JSON are swallowed', () => {
  it('reports the line and goes on, and lists when the same place stays unreadable', async () => {
    const server = await widgets();
    const { reports, told } = reflect(server);
    for (let time = 1; time <= 3; time += 1) {
      await eventually(() => expect([server.watches().length, server.openWatches]).toEqual([time, 1]));
      server.send('{"type":"ADDED","obj\n');
      await eventually(() => expect(failures(reports)).toHaveLength(time));
    }
    server.put('a');
    await eventually(() => expect(told).toEqual(['add a']));
    expect(server.lists()).toHaveLength(2);
  });
});

describe('client-node 11: stop and start', () => {
  it('stop() while connecting closes the connection and is no error', async () => {
    const server = await widgets();
    server.failNext('watch', () => {});
    const { reflector, reports } = reflect(server);
    await eventually(() => expect(server.watches()).toHaveLength(1));
    await reflector.stop();
    await eventually(() => expect(server.http.openConnections()).toBeLessThanOrEqual(1));
    expect(failures(reports)).toEqual([]);
    expect(server.watches()).toHaveLength(1);
    expect(() => reflector.start()).toThrow(TypeError);
  });

  it('stop() before the first list answers the ones who wait', async () => {
    const server = await widgets();
    server.failNext('list', () => {});
    const { reflector, reports } = reflect(server);
    const synced = reflector.synced();
    await eventually(() => expect(server.lists()).toHaveLength(1));
    await reflector.stop();
    expect(await synced).toBe(false);
    expect(failures(reports)).toEqual([]);
  });

  it('a second start() runs no second watch', async () => {
    const server = await widgets();
    const { reflector, told } = reflect(server);
    reflector.start();
    reflector.start();
    await eventually(() => expect(server.openWatches).toBe(1));
    server.put('a');
    await eventually(() => expect(told).toEqual(['add a']));
    expect(server.watches()).toHaveLength(1);
    expect(server.lists()).toHaveLength(1);
  });
});

describe('client-node 12: calls have no timeout', () => {
  it('a mute server costs a call its deadline and no more', async () => {
    const clock = new FakeClock();
    const server = await serve(() => {});
    const client = new KubeClient(createTransport(server.config(), { clock, pools: new PoolRegistry() }));
    const read = client.get(WIDGETS, { namespace: 'default', name: 'a' }).catch((error: unknown) => error);
    await eventually(() => expect(server.requests).toHaveLength(1));
    await clock.advance(30_000);
    expect(await read).toMatchObject({ name: 'TransportError', kind: 'timeout' });
    expect(clock.pendingTimers).toBe(0);
  });

  it('a body that stops half-way counts too', async () => {
    const clock = new FakeClock();
    const server = await serve((_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': '1000' });
      response.write('{');
    });
    const client = new KubeClient(createTransport(server.config(), { clock, pools: new PoolRegistry() }));
    const read = client.get(WIDGETS, { namespace: 'default', name: 'a' }).catch((error: unknown) => error);
    await eventually(() => expect(server.requests).toHaveLength(1));
    await clock.advance(30_000);
    expect(await read).toMatchObject({ kind: 'timeout' });
  });
});

describe('client-node 13: a merge patch is sent as a JSON patch', () => {
  it('names the content type of each patch', async () => {
    const server = await serve((_request, response) => answerJson(response, 200, { kind: 'Widget' }));
    const client = new KubeClient(createTransport(server.config(), { pools: new PoolRegistry() }));
    const ref = { namespace: 'default', name: 'a' };
    await client.patch(WIDGETS, ref, { type: 'merge', body: { spec: { size: 2 } } });
    await client.patch(WIDGETS, ref, { type: 'json', operations: [{ op: 'remove', path: '/spec/size' }] });
    expect(server.requests.map(({ headers }) => headers['content-type'])).toEqual([
      'application/merge-patch+json',
      'application/json-patch+json',
    ]);
  });
});

describe('client-node 14: one list without pages', () => {
  it('lists in pages, loses none, and watches from the revision of the first', async () => {
    const server = await widgets();
    for (let index = 0; index < 25; index += 1) server.put(`w${index}`);
    const { reflector, reports } = reflect(server, { pageSize: 10 });
    await reflector.synced();
    expect(reflector.store.size).toBe(25);
    expect(server.lists().map(({ url }) => url.searchParams.get('limit'))).toEqual(['10', '10', '10']);
    expect(reports[0]).toMatchObject({ kind: 'listed', pages: 3, items: 25 });
    await eventually(() => expect(server.watches()).toHaveLength(1));
    expect(server.watches()[0]?.url.searchParams.get('resourceVersion')).toBe('125');
  });

  it('begins again in one piece when the continue token expires', async () => {
    const server = await widgets();
    for (let index = 0; index < 25; index += 1) server.put(`w${index}`);
    const expire: Parameters<WidgetServer['failNext']>[1] = (_request, response) =>
      answerJson(response, 410, { kind: 'Status', code: 410, reason: 'Expired', message: 'continue expired' });
    server.failNext('list', (_request, _response, pass) => pass());
    server.failNext('list', expire);
    const { reflector, told } = reflect(server, { pageSize: 10 });
    expect(await reflector.synced()).toBe(true);
    expect(reflector.store.size).toBe(25);
    expect(told).toHaveLength(25);
    expect(server.lists().map(({ url }) => url.searchParams.get('limit'))).toEqual(['10', '10', null]);
  });
});

describe('client-node 15: memory leaks', () => {
  it('holds no more after 150 reconnects and relists than after the first', async () => {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    const server = await widgets();
    for (let index = 0; index < 200; index += 1) server.put(`w${index}`);
    const { reflector, reports } = reflect(server, { backoff: { baseMs: 1, maxMs: 1 } });
    const relist = async () => {
      await eventually(() => expect(server.openWatches).toBe(1));
      const before = server.watches().length;
      server.compact();
      server.bookmark(1);
      server.send(`${JSON.stringify({ type: 'ERROR', object: { kind: 'Status', code: 410 } })}\n`);
      await eventually(() => expect(server.watches().length).toBeGreaterThan(before));
      server.http.requests.length = 1;
      reports.length = 0;
    };
    for (let round = 0; round < 20; round += 1) await relist();
    collect();
    const before = process.memoryUsage().heapUsed;
    for (let round = 0; round < 150; round += 1) await relist();
    collect();
    const grown = process.memoryUsage().heapUsed - before;
    expect(reflector.store.size).toBe(200);
    expect(grown).toBeLessThan(3_000_000);
    expect(server.http.openConnections()).toBeLessThanOrEqual(3);
  });
});

describe('client-node 16: http servers are refused', () => {
  it('talks plain http, which test servers on loopback need', async () => {
    const server = await serve((_request, response) => answerJson(response, 200, { kind: 'Widget' }));
    const client = new KubeClient(
      createTransport(server.config({ identity: { token: 't' } }), { pools: new PoolRegistry() }),
    );
    await client.get(WIDGETS, { namespace: 'default', name: 'a' });
    expect(server.requests[0]?.headers.authorization).toBe('Bearer t');
  });
});
