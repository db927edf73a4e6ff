import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer as createHttp, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createHttps } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type JoinRequest, type JoinToken, joinRequestSchema } from '@dark-carnival/crds';
import { systemClock } from '@dark-carnival/crds/clock';
import { type SelfSignedCertificate, selfSignedCertificate } from '@dark-carnival/tls';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { WagonSettings } from '../config.ts';
import { settleIdentity } from './settle-identity.ts';

const SECRET = 's'.repeat(43);
type Answer = [status: number, body: unknown, headers?: Record<string, string> | undefined];

let dir: string;
let certificate: SelfSignedCertificate;
let asked: JoinRequest[];
let answers: Answer[];
let said: string[];
const servers: Server[] = [];

beforeAll(async () => {
  const folder = mkdtempSync(join(tmpdir(), 'join-cert-'));
  certificate = await selfSignedCertificate(folder, ['127.0.0.1'], Date.now());
  rmSync(folder, { recursive: true });
});
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'join-'));
  [asked, answers, said] = [[], [], []];
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));
afterAll(() => {
  for (const server of servers) server.close();
});

const JOINED = { wagon: 'garage', namespace: 'fleet', nodeID: 'Garage', role: 'OSINT', token: 'own-token-of-garage' };

async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
  let body = '';
  for await (const chunk of request) body += chunk;
  asked.push(joinRequestSchema.parse(JSON.parse(body)));
  const [status, answer, headers = {}] = answers.shift() ?? [201, JOINED];
  // A lost answer: the request arrived, and nothing comes back.
  if (status === 0) return void request.socket.destroy();
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(answer));
}

async function aHub(tls: boolean): Promise<JoinToken> {
  const server = tls ? createHttps({ cert: certificate.certPem, key: certificate.keyPem }, handle) : createHttp(handle);
  servers.push(server as Server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `${tls ? 'https' : 'http'}://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const pin = tls ? { fingerprint: certificate.fingerprint } : {};
  return { url, ...pin, namespace: 'fleet', id: 'abcdef0123', secret: SECRET };
}

const settings = (given: Partial<WagonSettings> = {}): WagonSettings => ({
  nodeID: 'Garage',
  nodeIDIsGiven: true,
  port: 0,
  dataFolder: join(dir, 'wagon'),
  maxConcurrentJobs: 2,
  logLevel: 'error',
  exitWithParent: false,
  providerKeys: new Map(),
  ...given,
});
const settle = (given: Partial<WagonSettings>, local?: JoinToken) =>
  settleIdentity(settings(given), {
    clock: systemClock,
    random: () => 0,
    say: (line) => void said.push(line),
    askLocalCarnival: async () => {
      if (!local) throw new Error('nobody should have asked');
      return local;
    },
  });
const error = (status: number, message: string, headers?: Record<string, string>): Answer => [
  status,
  { error: { code: 'X', message } },
  headers,
];

describe('which wagon this is', () => {
  it('is what whoever declared it says, and then nothing is asked or written', async () => {
    expect(await settle({ token: 'given-token', ringmasterUrl: 'http://127.0.0.1:1' })).toMatchObject({
      token: 'given-token',
      nodeID: 'Garage',
      role: 'CORE',
      namespace: 'default',
      host: '127.0.0.1',
    });
    expect(statSync(join(dir, 'wagon'), { throwIfNoEntry: false })).toBeUndefined();
  });

  it('is settled by joining over pinned TLS, and remembered: a restart needs no join token', async () => {
    const joinToken = await aHub(true);
    const config = await settle({ joinToken, role: 'OSINT' });
    expect(config).toMatchObject({
      token: JOINED.token,
      nodeID: 'Garage',
      role: 'OSINT',
      namespace: 'fleet',
      ringmasterUrl: joinToken.url,
      ringmasterFingerprint: certificate.fingerprint,
    });
    expect(asked).toMatchObject([
      { namespace: 'fleet', id: joinToken.id, secret: SECRET, nodeID: 'Garage', role: 'OSINT' },
    ]);
    expect(await settle({ nodeIDIsGiven: false, nodeID: 'other-host-name' })).toEqual(config);
    expect(await settle({ joinToken })).toEqual(config);
    expect(asked).toHaveLength(1);
    for (const file of ['identity.json', 'join-secret'])
      expect(statSync(join(dir, 'wagon', file)).mode & 0o077).toBe(0);
    expect(readFileSync(join(dir, 'wagon', 'identity.json'), 'utf8')).not.toContain(SECRET);
    expect(said.join()).not.toContain(SECRET);
  });

  it('listens on every address for a hub elsewhere, and on loopback for one on this machine', async () => {
    await settle({ joinToken: await aHub(true) });
    expect((await settle({})).host).toBe('127.0.0.1');
    expect((await settle({ ringmasterUrl: 'https://192.168.1.116:8000' })).host).toBe('0.0.0.0');
    expect((await settle({ ringmasterUrl: 'https://192.168.1.116:8000', host: '192.168.1.20' })).host).toBe(
      '192.168.1.20',
    );
  });

  it('asks again as the same wagon when the answer was lost, also after a restart', async () => {
    const joinToken = await aHub(true);
    answers = [[0, ''], error(503, 'starting', { 'retry-after': '0' }), error(429, 'slow down')];
    await settle({ joinToken });
    rmSync(join(dir, 'wagon', 'identity.json'));
    await settle({ joinToken });
    expect(asked).toHaveLength(5);
    expect(new Set(asked.map(({ nonce }) => nonce)).size).toBe(1);
    expect(said.filter((line) => line.startsWith('waiting for'))).toHaveLength(3);
  });

  it('says something else to another hub, which so cannot pass for it', async () => {
    const [first, second] = [await aHub(true), await aHub(false)];
    await settle({ joinToken: first });
    await settle({ joinToken: { ...second, id: 'other01234' } });
    expect(new Set(asked.map(({ nonce }) => nonce)).size).toBe(2);
  });

  it('joins anew with a new join token, and is refused with what the hub says', async () => {
    const joinToken = await aHub(false);
    await settle({ joinToken });
    answers = [error(403, 'the join token has expired')];
    const again = settle({ joinToken: { ...joinToken, id: 'other01234' } });
    await expect(again).rejects.toThrow(/does not let it join: the join token has expired/);
    expect(await settle({})).toMatchObject({ token: JOINED.token });
  });

  it('tells a man in the middle nothing', async () => {
    const joinToken = await aHub(true);
    const joining = settle({ joinToken: { ...joinToken, fingerprint: `sha256:${'0'.repeat(64)}` } });
    await expect(joining).rejects.toThrow(/not sha256:0000/);
    expect(asked).toEqual([]);
  });

  it('sends no join token over a network in the clear', async () => {
    const joinToken = await aHub(false);
    const joining = settle({ joinToken: { ...joinToken, url: 'http://192.0.2.1:8000' } });
    await expect(joining).rejects.toThrow('in the clear');
  });

  it('asks the carnival of this machine where nobody gave anything, and no other', async () => {
    const local = await aHub(false);
    expect(await settle({ localCarnival: '/x/.carnival' }, local)).toMatchObject({ token: JOINED.token });
    rmSync(join(dir, 'wagon'), { recursive: true });
    await expect(settle({})).rejects.toThrow('set CARNIVAL_JOIN_TOKEN');
    const elsewhere = { localCarnival: '/x/.carnival', ringmasterUrl: 'https://192.168.1.116:8000' };
    await expect(settle(elsewhere, local)).rejects.toThrow('set CARNIVAL_JOIN_TOKEN');
  });

  it.each([
    { name: 'another NODE_ID', given: { nodeID: 'Attic' }, says: 'NODE_ID Garage, not Attic' },
    { name: 'another role', given: { role: 'MEDIA' }, says: 'NODE_ROLE OSINT, not MEDIA' },
    { name: 'another namespace', given: { namespace: 'default' }, says: 'CARNIVAL_NAMESPACE fleet, not default' },
  ])('is not $name in a folder that remembers', async ({ given, says }) => {
    await settle({ joinToken: await aHub(false) });
    await expect(settle(given)).rejects.toThrow(says);
  });

  it('is not guessed from a damaged file', async () => {
    await settle({ joinToken: await aHub(false) });
    writeFileSync(join(dir, 'wagon', 'identity.json'), '{"token":');
    await expect(settle({})).rejects.toThrow('identity.json is damaged');
  });
});
