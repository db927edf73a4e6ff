import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { staticCredentials } from '@dark-carnival/kube';
import { selfSignedCertificate } from '@dark-carnival/tls';
import { describe, expect, it, onTestFinished } from 'vitest';
import { HubClient } from './hub-client.ts';
import { pinnedFetch } from './pinned-fetch.ts';

async function aHub() {
  const dir = mkdtempSync(join(tmpdir(), 'pinned-fetch-'));
  const { certPem, keyPem, fingerprint } = await selfSignedCertificate(dir, ['127.0.0.1'], Date.now());
  let heard = '';
  const server = createServer({ cert: certPem, key: keyPem }, async (request, response) => {
    if (request.url?.startsWith('/api/nodes')) return void response.writeHead(307, { location: '/elsewhere' }).end();
    if (request.method === 'DELETE') return void response.writeHead(204).end();
    if (request.url?.includes('/events')) {
      return void response.writeHead(200, { 'content-type': 'text/event-stream' }).end('event: log\ndata: {"a":1}\n\n');
    }
    let body = '';
    for await (const chunk of request) body += chunk;
    response.writeHead(body === '' ? 200 : 422, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ error: { code: 'X', message: `heard ${body}` }, url: 'u', expiresInSeconds: 300 }));
  });
  server.on('secureConnection', (socket) => socket.on('data', (chunk: Buffer) => (heard += chunk.toString('latin1'))));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close().closeAllConnections();
    rmSync(dir, { recursive: true });
  });
  const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const client = (pin: string) =>
    new HubClient({
      url,
      namespace: 'lab',
      credentials: staticCredentials({ token: 'canary' }),
      fetch: pinnedFetch(pin),
    });
  return { client, fingerprint, heard: () => heard };
}

describe('the hub over a network', () => {
  it('is asked, told, listened to and believed its refusals, as on loopback', async () => {
    const { client, fingerprint, heard } = await aHub();
    const hub = client(fingerprint);
    expect(await hub.loginTicket()).toEqual({ url: 'u', expiresInSeconds: 300 });
    await expect(hub.createJoinToken({ uses: 2 })).rejects.toThrow('heard {"uses":2}');
    await hub.deleteJoinToken('abcdef0123');
    const events = [];
    for await (const event of hub.events('x', '0', new AbortController().signal)) events.push(event);
    expect(events).toHaveLength(1);
    expect(heard()).toContain('Bearer canary');
  });

  it('is not followed where it redirects', async () => {
    const { client, fingerprint, heard } = await aHub();
    await expect(client(fingerprint).nodes()).rejects.toThrow('does not answer');
    expect(heard()).not.toContain('/elsewhere');
  });

  it('hears nothing with another certificate, and the person hears of both', async () => {
    const { client, fingerprint, heard } = await aHub();
    const other = `sha256:${'0'.repeat(64)}`;
    await expect(client(other).loginTicket()).rejects.toThrow(`${fingerprint}, not ${other}`);
    expect(heard()).toBe('');
  });
});
