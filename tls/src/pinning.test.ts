import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { createServer, request as httpsRequest, type Server } from 'node:https';
import { type AddressInfo, connect as connectTcp, createServer as createTcpServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Agent } from 'undici';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { connectPinned, pinnedConnector, pinnedCreateConnection } from './pinning.ts';
import { type SelfSignedCertificate, selfSignedCertificate } from './self-signed-certificate.ts';

const TOKEN = 'canary-token-of-the-wagon';
let dir: string;
let ours: SelfSignedCertificate;
let theirs: SelfSignedCertificate;
const closing: (() => void)[] = [];

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'pinning-'));
  ours = await selfSignedCertificate(join(dir, 'ours'), ['127.0.0.1'], Date.now());
  theirs = await selfSignedCertificate(join(dir, 'theirs'), ['127.0.0.1'], Date.now());
});
afterEach(() => {
  for (const close of closing.splice(0)) close();
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

interface Listening {
  port: number;
  /** Everything that was said inside of TLS, or in the clear. */
  heard: () => string;
}

async function listen(server: Server | ReturnType<typeof createTcpServer>): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  closing.push(() => {
    if ('closeAllConnections' in server) server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

/** A server with a certificate that hears what comes out of TLS, whatever it is. */
async function anHttpsServer({ certPem, keyPem }: SelfSignedCertificate): Promise<Listening> {
  let heard = '';
  const server = createServer({ cert: certPem, key: keyPem }, (_request, response) => void response.end('hello'));
  server.on('secureConnection', (socket) => socket.on('data', (chunk: Buffer) => (heard += chunk.toString('latin1'))));
  return { port: await listen(server), heard: () => heard };
}

/** Stands between, with a certificate of its own, and passes on what it reads to the real server. */
async function aManInTheMiddle(realPort: number): Promise<Listening> {
  let heard = '';
  const server = createServer({ cert: theirs.certPem, key: theirs.keyPem });
  server.removeAllListeners('secureConnection');
  server.on('secureConnection', (socket) => {
    const onward = connectTcp(realPort, '127.0.0.1');
    socket.on('data', (chunk: Buffer) => (heard += chunk.toString('latin1')));
    socket
      .on('error', () => {})
      .pipe(onward.on('error', () => {}))
      .pipe(socket);
  });
  return { port: await listen(server), heard: () => heard };
}

const byUndici = async (port: number, fingerprint: string) => {
  const agent = new Agent({ connect: pinnedConnector(fingerprint) });
  closing.push(() => void agent.destroy());
  const answer = await agent.request({
    origin: `https://127.0.0.1:${port}`,
    path: '/',
    method: 'POST',
    headers: { authorization: `Bearer ${TOKEN}` },
    body: TOKEN,
  });
  return answer.body.text();
};
const byHttps = (port: number, fingerprint: string) =>
  new Promise<string>((resolve, reject) => {
    const createConnection = pinnedCreateConnection(fingerprint);
    const headers = { authorization: `Bearer ${TOKEN}` };
    httpsRequest({ host: '127.0.0.1', port, method: 'POST', headers, createConnection }, (answer) => {
      answer.setEncoding('utf8').on('data', resolve);
    })
      .on('error', reject)
      .end(TOKEN);
  });

describe.each([
  { client: 'undici', ask: byUndici },
  { client: 'node:https', ask: byHttps },
])('a pinned server, asked by $client', ({ ask }) => {
  it('answers, though nobody has signed its certificate', async () => {
    const server = await anHttpsServer(ours);
    expect(await ask(server.port, ours.fingerprint)).toBe('hello');
    expect(server.heard()).toContain(TOKEN);
  });

  it('is not mistaken for a man in the middle, who hears not a byte of the request', async () => {
    const man = await aManInTheMiddle((await anHttpsServer(ours)).port);
    await expect(ask(man.port, ours.fingerprint)).rejects.toMatchObject({
      code: 'ERR_TLS_PIN_MISMATCH',
      expected: ours.fingerprint,
      seen: theirs.fingerprint,
    });
    expect(man.heard()).toBe('');
  });

  it('is not looked for in the clear', async () => {
    let heard = '';
    const plain = createHttpServer(() => {});
    plain.on('connection', (socket: Socket) =>
      socket.on('data', (chunk: Buffer) => (heard += chunk.toString('latin1'))),
    );
    await expect(ask(await listen(plain), ours.fingerprint)).rejects.toThrow();
    expect(heard).not.toContain(TOKEN);
  });

  it('is found out when it changes between two requests of one client', async () => {
    const server = await anHttpsServer(ours);
    expect(await ask(server.port, ours.fingerprint)).toBe('hello');
    await expect(ask(server.port, theirs.fingerprint)).rejects.toMatchObject({ code: 'ERR_TLS_PIN_MISMATCH' });
  });
});

describe('connecting to a pinned server', () => {
  it('gives up on one that never shakes hands', async () => {
    const mute = createTcpServer((socket) => closing.push(() => socket.destroy()));
    const port = await listen(mute);
    const connecting = connectPinned({ host: '127.0.0.1', port, fingerprint: ours.fingerprint, timeoutMs: 50 });
    await expect(connecting).rejects.toMatchObject({ code: 'ETIMEDOUT' });
  });

  it('fails with one that hangs up, and where nobody listens', async () => {
    const rude = await listen(createTcpServer((socket) => socket.end()));
    await expect(connectPinned({ host: '127.0.0.1', port: rude, fingerprint: ours.fingerprint })).rejects.toThrow();
    const { fingerprint } = ours;
    await expect(connectPinned({ host: '127.0.0.1', port: 1, fingerprint })).rejects.toMatchObject({
      code: 'ECONNREFUSED',
    });
  });

  it.each(['', 'sha256:', 'sha256:XYZ', `SHA256:${'a'.repeat(64)}`, 'md5:aa'])(
    'refuses %j for a fingerprint instead of trusting anybody',
    async (fingerprint) => {
      await expect(connectPinned({ host: '127.0.0.1', port: 1, fingerprint })).rejects.toThrow(RangeError);
    },
  );

  it('keeps a connection for the next request without shaking hands again', async () => {
    const server = await anHttpsServer(ours);
    const agent = new Agent({ connect: pinnedConnector(ours.fingerprint), connections: 1 });
    closing.push(() => void agent.destroy());
    const ask = async () => {
      const answer = await agent.request({ origin: `https://127.0.0.1:${server.port}`, path: '/', method: 'GET' });
      return answer.body.text();
    };
    expect([await ask(), await ask()]).toEqual(['hello', 'hello']);
  });
});
