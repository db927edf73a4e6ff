import { once } from 'node:events';
import type { AddressInfo } from 'node:net';

import { type Duplex, duplexPair } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import { FakeClock } from '@dark-carnival/crds/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { type JsonObject, objectAt, stringAt } from '../json/json.ts';
import type { KubeObject } from '../json/kube-object.ts';
import { configMaps } from '../registry/builtin/config-map.ts';
import type { LocalServer, LocalServerOptions } from '../start-local-server.ts';
import type { ApiClient } from '../testing/api-client.ts';
import { CONFIG_MAPS, JUGGLES } from '../testing/juggles.ts';
import { startMemoryServer, TOKEN } from '../testing/memory-server.ts';
import type { ListEncoding } from './representation/representation.ts';
import { sendList } from './send-list.ts';

const OBJECTS = 2_000;
const METADATA_LIST = 'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io';
const TABLE = 'application/json;as=Table;v=v1;g=meta.k8s.io';

const itemsOf = (list: JsonObject) => (list['items'] ?? list['rows']) as JsonObject[];
const revisionOf = (object: JsonObject) => Number(stringAt(objectAt(object, 'metadata'), 'resourceVersion'));

/** A client whose connection takes nothing that it does not read: it is a pair of streams, without a kernel's buffers between. */
class SlowClient {
  readonly #ours: Duplex;
  readonly #theirs: Duplex;

  constructor(server: LocalServer, path: string, accept = 'application/json') {
    [this.#ours, this.#theirs] = duplexPair();
    this.#ours.on('error', () => {});
    server.accept(this.#theirs);
    this.#ours.write(
      `GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer ${TOKEN}\r\nAccept: ${accept}\r\n\r\n`,
    );
  }

  /** What the server has written, and this client has not taken. */
  get waiting(): number {
    return this.#theirs.writableLength + this.#ours.readableLength;
  }

  get isCutOff(): boolean {
    return this.#theirs.destroyed;
  }

  /** Resolves once the server writes no more because nobody reads. */
  async stalled(): Promise<void> {
    for (let still = 0, last = -1; still < 50; still = this.waiting > 0 && this.waiting === last ? still + 1 : 0) {
      last = this.waiting;
      await turn();
    }
  }

  async readToEnd(): Promise<string> {
    const chunks: Buffer[] = [];
    for await (const chunk of this.#ours) chunks.push(chunk);
    return Buffer.concat(chunks).toString();
  }

  /** A pair of streams does not tell the other end, as a socket does. */
  hangUp(): void {
    this.#ours.destroy();
    this.#theirs.destroy();
  }
}

/** The body of a chunked response. @throws SyntaxError where its end is missing */
function bodyOf(response: string): JsonObject {
  let body = '';
  let at = response.indexOf('\r\n\r\n') + 4;
  for (;;) {
    const lineEnd = response.indexOf('\r\n', at);
    const size = Number.parseInt(response.slice(at, lineEnd), 16);
    if (Number.isNaN(size)) throw new SyntaxError('the body ends without its last chunk');
    if (size === 0) return JSON.parse(body);
    body += response.slice(lineEnd + 2, lineEnd + 2 + size);
    at = lineEnd + 2 + size + 2;
  }
}

describe('a long list', () => {
  let server: LocalServer;
  let client: ApiClient;
  let faults: unknown[];

  const start = async (options: Partial<LocalServerOptions> = {}) => {
    ({ server, client, faults } = await startMemoryServer(options));
    for (let index = 0; index < OBJECTS; index += 1) write(index, 'x'.repeat(4096));
  };
  afterEach(() => server.close());

  const nameOf = (index: number) => `m-${String(index).padStart(4, '0')}`;
  const write = (index: number, text: string) => {
    const object: KubeObject = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: nameOf(index), namespace: 'default', uid: `uid-${index}` },
      data: { text },
    };
    return server.store.put(configMaps.storage, `default/${nameOf(index)}`, object);
  };
  const names = Array.from({ length: OBJECTS }, (_, index) => nameOf(index));
  const oldRevisions = () => server.store.entries(configMaps.storage).map(({ rev }) => rev);
  const areGone = (revs: number[]) => revs.every((rev) => server.store.bytesAt(rev) === undefined);

  it.each([
    ['objects', 'application/json', (item: JsonObject) => item],
    ['metadata', METADATA_LIST, (item: JsonObject) => item],
    ['rows', TABLE, (item: JsonObject) => objectAt(item, 'object') ?? {}],
  ])(
    'of %s is read as it is taken, and shows one revision whatever is written and compacted meanwhile',
    async (_, accept, objectOf) => {
      await start();
      const { revision } = server.store;
      const before = oldRevisions();
      const reader = new SlowClient(server, CONFIG_MAPS, accept);
      await reader.stalled();
      // 8 MB of objects.
      expect(reader.waiting).toBeLessThan(600_000);
      for (let index = 0; index < OBJECTS; index += 1) write(index, 'later');
      expect((await client.delete(`${CONFIG_MAPS}/${nameOf(7)}`)).status).toBe(200);
      server.compact();
      const exact = `${CONFIG_MAPS}?resourceVersion=${revision}&resourceVersionMatch=Exact`;
      expect((await client.get(exact)).status).toBe(410);
      const list = bodyOf(await reader.readToEnd());
      expect(revisionOf(list)).toBe(revision);
      const objects = itemsOf(list).map(objectOf);
      expect(objects.map((object) => stringAt(objectAt(object, 'metadata'), 'name'))).toEqual(names);
      expect(objects.map(revisionOf)).toEqual(before);
      server.store.compact(server.store.revision);
      write(0, 'and on');
      server.compact();
      expect(areGone(before)).toBe(true);
      expect(faults).toEqual([]);
    },
  );

  it('is read no further once the client hung up, and holds nothing then', async () => {
    await start();
    const before = oldRevisions();
    const reader = new SlowClient(server, CONFIG_MAPS);
    await reader.stalled();
    reader.hangUp();
    for (let index = 0; index < OBJECTS; index += 1) write(index, 'later');
    await turn();
    server.compact();
    expect(areGone(before)).toBe(true);
    expect(faults).toEqual([]);
  });

  it('of which a client does not take the rest within a minute ends without its end', async () => {
    const clock = new FakeClock();
    await start({ clock });
    const before = oldRevisions();
    const reader = new SlowClient(server, CONFIG_MAPS);
    await reader.stalled();
    await clock.advance(59_000);
    expect(reader.isCutOff).toBe(false);
    await clock.advance(1_000);
    expect(reader.isCutOff).toBe(true);
    await turn();
    for (let index = 0; index < OBJECTS; index += 1) write(index, 'later');
    server.compact();
    expect(areGone(before)).toBe(true);
  });

  it('says how long it is where it fits into one write, as the real one does', async () => {
    await start();
    const short = await client.get(`${CONFIG_MAPS}?limit=2`);
    expect(short.headers.get('content-length')).not.toBeNull();
    const empty = await client.get(JUGGLES);
    expect([empty.headers.get('content-length'), empty.body['items']]).toEqual([expect.any(String), []]);
    const long = await client.get(CONFIG_MAPS);
    expect([long.headers.get('content-length'), long.headers.get('transfer-encoding')]).toEqual([null, 'chunked']);
    expect(itemsOf(long.body).length).toBe(OBJECTS);
  });

  it('whose watch has its time over before its start was taken ends, and the server goes on', async () => {
    const clock = new FakeClock();
    await start({ clock });
    const before = oldRevisions();
    const reader = new SlowClient(server, `${CONFIG_MAPS}?watch=1&timeoutSeconds=10`);
    await reader.stalled();
    write(0, 'later');
    await clock.advance(10_000);
    const heard = await reader.readToEnd();
    expect(heard.endsWith('\r\n0\r\n\r\n')).toBe(true);
    expect(heard).not.toContain('MODIFIED');
    for (let index = 0; index < OBJECTS; index += 1) write(index, 'later');
    server.compact();
    expect(areGone(before)).toBe(true);
    expect(faults).toEqual([]);
  });

  it('begins a watch without being held either', async () => {
    await start();
    const reader = new SlowClient(server, `${CONFIG_MAPS}?watch=1&timeoutSeconds=1`);
    await reader.stalled();
    expect(reader.waiting).toBeLessThan(600_000);
    write(0, 'later');
    const lines = (await reader.readToEnd()).match(/"type":"[A-Z]+"/g) ?? [];
    expect(lines).toEqual([...Array(OBJECTS).fill('"type":"ADDED"'), '"type":"MODIFIED"']);
  });
});

describe('a list that cannot be read to its end', () => {
  it('ends in a broken connection: what came of it is no list', async () => {
    const { createServer: createHttpServer } = process.getBuiltinModule('node:http');
    const encoding: ListEncoding = { head: '{"items":[', item: ({ bytes }) => [bytes], tail: ']}\n' };
    function* states() {
      for (let rev = 1; rev < 1000; rev += 1) yield { rev, bytes: Buffer.from(JSON.stringify('x'.repeat(1000))) };
      throw new Error('the disk failed');
    }
    const thrown = Promise.withResolvers<unknown>();
    const server = createHttpServer((_request, response) => {
      sendList(response, 'application/json', encoding, states(), new FakeClock()).catch((error: unknown) => {
        response.destroy();
        thrown.resolve(error);
      });
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const response = await fetch(`http://127.0.0.1:${port}/`);
    expect(response.status).toBe(200);
    await expect(response.text()).rejects.toThrow();
    expect(await thrown.promise).toEqual(new Error('the disk failed'));
    server.close();
  });
});
