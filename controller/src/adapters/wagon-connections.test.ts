import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '@dark-carnival/crds/clock';
import { type SelfSignedCertificate, selfSignedCertificate } from '@dark-carnival/tls';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { WagonTarget } from '../ports/wagon-client.ts';
import { HttpWagonClient } from './http-wagon-client.ts';
import { HttpWagonProxy } from './http-wagon-proxy.ts';
import { WagonConnections } from './wagon-connections.ts';

const TOKEN = 'canary-token-of-the-wagon';
const KEY = 'canary-key-of-the-provider';

let dir: string;
let own: SelfSignedCertificate;
let foreign: SelfSignedCertificate;
const connections = new WagonConnections();
const client = new HttpWagonClient({ connections, clock: systemClock, random: () => 0 });
const proxy = new HttpWagonProxy(connections, systemClock);
const servers: Server[] = [];

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'wagon-connections-'));
  own = await selfSignedCertificate(join(dir, 'own'), ['127.0.0.1'], Date.now());
  foreign = await selfSignedCertificate(join(dir, 'foreign'), ['127.0.0.1'], Date.now());
});
afterEach(() => {
  for (const server of servers.splice(0)) server.close().closeAllConnections();
});
afterAll(async () => {
  await connections.destroy();
  rmSync(dir, { recursive: true, force: true });
});

/** Answers as a wagon would, and keeps every byte that came out of TLS. */
async function aWagon({
  certPem,
  keyPem,
}: SelfSignedCertificate): Promise<{ target: WagonTarget; heard: () => string }> {
  let heard = '';
  const server = createServer({ cert: certPem, key: keyPem }, (request, response) => {
    const isStream = request.url?.startsWith('/api/events');
    response.setHeader('content-type', isStream ? 'text/event-stream' : 'application/json');
    const hello = { type: 'hello', epoch: 'e1', seq: 0, at: '2026-11-24T12:00:00Z', oldest: 1 };
    if (isStream) response.write(`data: ${JSON.stringify(hello)}\n\n`);
    else response.end('{"status":"ok"}');
  });
  server.on('secureConnection', (socket) => socket.on('data', (chunk: Buffer) => (heard += chunk.toString('latin1'))));
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const target = { namespace: 'default', name: 'garage', address, tlsFingerprint: own.fingerprint, token: TOKEN };
  return { target, heard: () => heard };
}

const grants = {
  providers: [{ name: 'kimi', type: 'Kimi' as const, apiKey: KEY, probeIntervalSeconds: 300 }],
  digest: `sha256:${'0'.repeat(64)}`,
};

describe('a wagon whose certificate is known', () => {
  it('is asked, probed, given keys, listened to and read through, though nobody signed its certificate', async () => {
    const { target, heard } = await aWagon(own);
    expect(await client.probe(target)).toEqual({ outcome: 'alive' });
    expect(await client.putProviders(target, grants)).toEqual({ outcome: 'stored' });
    expect(await proxy.forward(target, { method: 'GET', path: '/api/completions' })).toMatchObject({ status: 200 });
    const woken = Promise.withResolvers<void>();
    const subscription = client.watchEvents(target, { onWake: woken.resolve, onEvent: () => {} });
    await woken.promise;
    subscription.close();
    expect(heard()).toContain(KEY);
  });

  it('is not mistaken for whoever answers at its address: neither token nor key is said, by any of the calls', async () => {
    const { target, heard } = await aWagon(foreign);
    const refused = { outcome: 'unreachable', message: expect.stringContaining(`not ${own.fingerprint}`) };
    expect(await client.probe(target)).toMatchObject(refused);
    expect(await client.getJob(target, 'uid.debate.1.1')).toMatchObject(refused);
    expect(await client.cancelJob(target, 'uid.debate.1.1', 1)).toMatchObject(refused);
    expect(await client.putProviders(target, grants)).toMatchObject(refused);
    expect(await proxy.forward(target, { method: 'GET', path: '/api/completions' })).toMatchObject(refused);
    let woken = 0;
    const subscription = client.watchEvents(target, { onWake: () => (woken += 1), onEvent: () => {} });
    await client.probe(target);
    subscription.close();
    expect([woken, heard()]).toEqual([0, '']);
  });

  it('is not asked over https without a pin, unless an authority vouches for it', async () => {
    const { target, heard } = await aWagon(own);
    expect(await client.putProviders({ ...target, tlsFingerprint: undefined }, grants)).toMatchObject({
      outcome: 'unreachable',
    });
    expect(heard()).toBe('');
  });
});

describe('the connections', () => {
  it('are one set per certificate, and not without end', async () => {
    const many = new WagonConnections();
    const pin = (index: number) => ({ tlsFingerprint: `sha256:${index.toString(16).padStart(64, '0')}` });
    const first = many.to(pin(1));
    expect(many.to(pin(1))).toBe(first);
    for (let index = 2; index < 1_200; index += 1) many.to(pin(index));
    expect(many.to(pin(1))).not.toBe(first);
    await many.destroy();
  });
});
