import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { LocalServer } from '../start-local-server.ts';
import type { ApiClient } from '../testing/api-client.ts';
import { CONFIG_MAPS, configMap } from '../testing/juggles.ts';
import { startMemoryServer, TOKEN } from '../testing/memory-server.ts';

describe('a watch on a bare connection', () => {
  let server: LocalServer;
  let client: ApiClient;
  let socket: Socket;
  let heard: string;

  beforeEach(async () => {
    ({ server, client } = await startMemoryServer());
    const { hostname, port } = new URL(server.url);
    socket = connect(Number(port), hostname);
    heard = '';
    socket.setEncoding('utf8').on('data', (text: string) => {
      heard += text;
    });
  });
  afterEach(async () => {
    socket.destroy();
    await server.close();
  });

  const ask = (path: string, version: string, more = '') =>
    socket.write(`GET ${path} HTTP/${version}\r\nHost: x\r\nAuthorization: Bearer ${TOKEN}\r\n${more}\r\n`);
  const watchPath = () => `${CONFIG_MAPS}?watch=1&timeoutSeconds=1&resourceVersion=${server.store.revision}`;
  const hears = async (text: string) => {
    while (!heard.includes(text)) await once(socket, 'data');
  };
  const makeTwo = async () => {
    for (const name of ['a', 'b']) expect((await client.post(CONFIG_MAPS, configMap(name))).status).toBe(201);
  };

  it('gets each event as a chunk, then the last chunk, and may ask again on the same connection', async () => {
    ask(watchPath(), '1.1');
    await hears('\r\n\r\n');
    await makeTwo();
    await hears('\r\n0\r\n\r\n');
    const body = heard.slice(heard.indexOf('\r\n\r\n') + 4);
    const chunks = [...body.matchAll(/([0-9a-f]+)\r\n({"type":"ADDED",[^\n]*\n)\r\n/g)];
    expect(chunks.map(([, size = '', line = '']) => Number.parseInt(size, 16) === Buffer.byteLength(line))).toEqual([
      true,
      true,
    ]);
    heard = '';
    ask('/healthz', '1.1');
    await hears('ok');
    expect(heard).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
  });

  it('that waits for its turn behind another request hears what happened meanwhile', async () => {
    const first = watchPath();
    ask(first, '1.1');
    ask(first, '1.1');
    await hears('\r\n\r\n');
    await makeTwo();
    await hears('\r\n0\r\n\r\nHTTP/1.1 200 OK\r\n');
    while ((heard.match(/"type":"ADDED"/g) ?? []).length < 4) await once(socket, 'data');
  });

  it('that speaks HTTP/1.0, which knows no chunks, gets bare lines', async () => {
    ask(watchPath(), '1.0');
    await hears('\r\n\r\n');
    await makeTwo();
    await once(socket, 'close');
    const lines = heard
      .slice(heard.indexOf('\r\n\r\n') + 4)
      .trim()
      .split('\n');
    expect(lines.map((line) => JSON.parse(line).object.metadata.name)).toEqual(['a', 'b']);
  });

  it('gets no body where it asked for the head only', async () => {
    const path = watchPath();
    socket.write(`HEAD ${path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${TOKEN}\r\n\r\n`);
    await hears('\r\n\r\n');
    await makeTwo();
    socket.end();
    await once(socket, 'close');
    expect(heard.split('\r\n\r\n')[1]).toBe('');
  });
});
