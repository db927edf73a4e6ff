import { mkdtempSync, rmSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { connect } from 'node:net';
import { hostname, networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createdJoinTokenSchema, parseJoinToken } from '@dark-carnival/crds';
import { aWagon } from '@dark-carnival/crds/testing';
import { pinnedCreateConnection, type SelfSignedCertificate, selfSignedCertificate } from '@dark-carnival/tls';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startTestHub, type TestHub } from '../../testing/hub/test-hub.ts';

const BEARER = { authorization: 'Bearer person-token' };
const lanAddress = Object.values(networkInterfaces())
  .flatMap((each) => each ?? [])
  .find(({ family, internal }) => family === 'IPv4' && !internal)?.address;

interface Asked {
  method?: string;
  headers?: Record<string, string>;
  body?: string;
}

describe('a hub that listens on a network', () => {
  let dir: string;
  let certificate: SelfSignedCertificate;
  let test: TestHub;
  let port: string;
  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), 'hub-lan-'));
    certificate = await selfSignedCertificate(dir, ['127.0.0.1'], Date.now());
  });
  afterAll(() => rmSync(dir, { recursive: true }));
  beforeEach(async () => {
    test = await startTestHub({ lan: { host: '0.0.0.0', names: ['hub.lan'], ...certificate } });
    ({ port } = new URL(test.hub.url));
  });
  afterEach(() => test.close());

  /** Asks at an address, over pinned TLS or in the clear. */
  function ask(
    scheme: 'http' | 'https',
    host: string,
    path: string,
    { method = 'GET', headers = {}, body = '' }: Asked = {},
  ) {
    const request = scheme === 'https' ? httpsRequest : httpRequest;
    const pin = scheme === 'https' ? { createConnection: pinnedCreateConnection(certificate.fingerprint) } : {};
    return new Promise<{ status: number; headers: Record<string, unknown>; text: string }>((resolve, reject) => {
      request({ host, port, path, method, headers, ...pin }, (answer) => {
        let text = '';
        answer.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
        answer.on('end', () => resolve({ status: answer.statusCode ?? 0, headers: answer.headers, text }));
      })
        .on('error', reject)
        .end(body);
    });
  }

  it('speaks TLS with its own certificate there, and on loopback either way, on one port', async () => {
    expect(test.hub.lan).toEqual({ url: `https://hub.lan:${port}`, fingerprint: certificate.fingerprint });
    expect((await ask('https', '127.0.0.1', '/api/nodes', { headers: BEARER })).status).toBe(200);
    expect((await ask('http', '127.0.0.1', '/api/nodes', { headers: BEARER })).status).toBe(200);
    expect((await ask('https', '127.0.0.1', '/api/nodes')).status).toBe(401);
  });

  it.skipIf(lanAddress === undefined)(
    'takes nothing in the clear from a network, and sends browsers to https',
    async () => {
      const at = lanAddress ?? '';
      expect((await ask('https', at, '/api/nodes', { headers: BEARER })).status).toBe(200);
      const refused = await ask('http', at, '/api/nodes', { headers: BEARER });
      expect([refused.status, refused.text]).toEqual([403, expect.stringContaining(`https://${at}:${port}`)]);
      const page = await ask('http', at, '/login?ticket=canary', { headers: { accept: 'text/html' } });
      expect([page.status, page.headers.location]).toEqual([308, `https://${at}:${port}/`]);
    },
  );

  it.skipIf(lanAddress === undefined)('does not let a wagon elsewhere point it at its own loopback', async () => {
    test.wagons.put(aWagon());
    test.tokens.set('lxc-core', 'token-of-the-wagon');
    const beat = (host: string, address: string) => {
      const { nodeID, role } = { nodeID: 'LXC-CORE', role: 'CORE' };
      const rest = { instanceID: 'i', version: '1', jobs: { running: 0, capacity: 1 }, vault: { files: 0, bytes: 0 } };
      const headers = { authorization: 'Bearer token-of-the-wagon', 'content-type': 'application/json' };
      const body = JSON.stringify({ nodeID, role, address, providers: [], ...rest });
      return ask('https', host, '/api/nodes/register', { method: 'POST', headers, body });
    };
    for (const address of ['http://127.0.0.1:6443', 'https://localhost:1', 'http://[::1]:1', 'http://2130706433:1']) {
      expect((await beat(lanAddress ?? '', address)).status, address).toBe(400);
    }
    expect((await beat(lanAddress ?? '', 'https://192.0.2.7:8080')).status).toBe(200);
    expect((await beat('127.0.0.1', 'http://127.0.0.1:8080')).status).toBe(200);
  });

  it('answers to its own names and to the address that the connection came to, and to nothing else', async () => {
    const statusFor = async (host: string) =>
      (await ask('https', '127.0.0.1', '/healthz', { headers: { host: `${host}:${port}` } })).status;
    for (const host of ['127.0.0.1', 'localhost', 'hub.lan', 'HUB.LAN', hostname()])
      expect(await statusFor(host), host).toBe(200);
    for (const host of ['evil.example', '192.0.2.1', 'hub.lan.evil.example'])
      expect(await statusFor(host), host).toBe(421);
  });

  it('logs a browser in by the way it came, with a cookie that never leaves TLS', async () => {
    const loginBy = async (scheme: 'http' | 'https') => {
      const ticket = await ask(scheme, '127.0.0.1', '/api/login/tickets', { method: 'POST', headers: BEARER });
      const url = new URL((JSON.parse(ticket.text) as { url: string }).url);
      expect(url.protocol).toBe(`${scheme}:`);
      const login = await ask(scheme, '127.0.0.1', `${url.pathname}${url.search}`);
      return String(login.headers['set-cookie']);
    };
    expect(await loginBy('https')).toMatch(/; HttpOnly; SameSite=Strict; Secure$/);
    expect(await loginBy('http')).toMatch(/; HttpOnly; SameSite=Strict$/);
  });

  it('gives a session’s own page its way, and no other page', async () => {
    const ticket = await ask('https', '127.0.0.1', '/api/login/tickets', { method: 'POST', headers: BEARER });
    const { search } = new URL((JSON.parse(ticket.text) as { url: string }).url);
    const login = await ask('https', '127.0.0.1', `/login${search}`);
    const cookie = String(login.headers['set-cookie']).split(';')[0] ?? '';
    const from = async (origin: string) =>
      (await ask('https', '127.0.0.1', '/api/session', { headers: { cookie, origin, host: `hub.lan:${port}` } }))
        .status;
    expect(await from(`https://hub.lan:${port}`)).toBe(200);
    expect(await from('https://evil.example')).toBe(403);
  });

  it('prints into a join token where it is and how it is known', async () => {
    const { text } = await ask('https', '127.0.0.1', '/api/join-tokens', { method: 'POST', headers: BEARER });
    const { token } = createdJoinTokenSchema.parse(JSON.parse(text));
    expect(parseJoinToken(token)).toMatchObject({
      url: `https://hub.lan:${port}`,
      fingerprint: certificate.fingerprint,
    });
  });

  it('closes at once, with connections that have said nothing or only half of a handshake', async () => {
    const sockets = await Promise.all(
      ['', '\u0016\u0003', 'GET / HT'].map(
        (said) =>
          new Promise<ReturnType<typeof connect>>((resolve) => {
            const socket = connect(Number(port), '127.0.0.1', () => {
              socket.write(said, 'latin1');
              resolve(socket);
            });
            socket.on('error', () => {});
          }),
      ),
    );
    await test.hub.close();
    for (const socket of sockets) socket.destroy();
  });
});

describe.skipIf(lanAddress === undefined)('a hub that listens on one address of a network', () => {
  it('is on loopback too, in the clear, for the wagons of its machine', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'hub-lan-'));
    const certificate = await selfSignedCertificate(dir, [], Date.now());
    const test = await startTestHub({ lan: { host: lanAddress ?? '', names: [], ...certificate } });
    const { port } = new URL(test.hub.url);
    expect(test.hub.lan?.url).toBe(`https://${lanAddress}:${port}`);
    expect((await test.ask('/api/nodes')).status).toBe(200);
    const createConnection = pinnedCreateConnection(certificate.fingerprint);
    const status = await new Promise((resolve, reject) => {
      httpsRequest({ host: lanAddress, port, path: '/healthz', createConnection }, (answer) => {
        answer.resume();
        resolve(answer.statusCode);
      })
        .on('error', reject)
        .end();
    });
    expect(status).toBe(200);
    await test.close();
    rmSync(dir, { recursive: true });
  });
});
