import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { heartbeatSchema } from '@dark-carnival/crds';
import { fingerprintOf, readIfPresent } from '@dark-carnival/tls';
import { describe, expect, it, onTestFinished } from 'vitest';
import { temporaryFolder } from '../testing/temporary-folder.ts';
import { aWagon, TOKEN } from '../testing/wagon-bench.ts';
import { post } from './lease/post.ts';

const ask = (url: string, fingerprint: string | undefined) => {
  const headers = { authorization: `Bearer ${TOKEN}` };
  const signal = AbortSignal.timeout(5_000);
  return post({ url: `${url}/api/learn`, fingerprint, headers, body: '', maxBytes: 10_000, signal });
};

describe('a wagon that is reached over a network', () => {
  it('serves https with a certificate of its own, kept across starts, and nothing in the clear', async () => {
    const { wagon, dataFolder } = await aWagon({ host: '0.0.0.0' });
    expect(wagon.url).toMatch(/^https:\/\//);
    const { port } = new URL(wagon.url);
    const certPem = readIfPresent(join(dataFolder, 'tls', 'tls.crt')) ?? '';
    const fingerprint = fingerprintOf(certPem);
    expect((await ask(`https://127.0.0.1:${port}`, fingerprint)).status).toBe(501);
    await expect(ask(`https://127.0.0.1:${port}`, `sha256:${'0'.repeat(64)}`)).rejects.toThrow('not sha256:0000');
    await expect(ask(`http://127.0.0.1:${port}`, undefined)).rejects.toThrow();
    await wagon.stop();
    await aWagon({ host: '0.0.0.0', dataFolder });
    expect(readIfPresent(join(dataFolder, 'tls', 'tls.crt'))).toBe(certPem);
  });

  it('tells the hub its fingerprint with each heartbeat; one on loopback has none', async () => {
    const beats: unknown[] = [];
    const heard = Promise.withResolvers<void>();
    const hub = createServer(async (request, response) => {
      let body = '';
      for await (const chunk of request) body += chunk;
      beats.push(JSON.parse(body));
      response.end('{}');
      if (beats.length >= 2) heard.resolve();
    });
    hub.listen(0, '127.0.0.1');
    await once(hub, 'listening');
    onTestFinished(() => void hub.close().closeAllConnections());
    const ringmasterUrl = `http://127.0.0.1:${(hub.address() as AddressInfo).port}`;
    const dataFolder = await temporaryFolder();
    await aWagon({ host: '0.0.0.0', nodeID: 'FAR', ringmasterUrl, dataFolder });
    await aWagon({ nodeID: 'NEAR', ringmasterUrl });
    await heard.promise;
    while (new Set(beats.map((beat) => heartbeatSchema.parse(beat).nodeID)).size < 2) await once(hub, 'request');
    const of = (id: string) => beats.map((beat) => heartbeatSchema.parse(beat)).find(({ nodeID }) => nodeID === id);
    expect(of('FAR')?.tlsFingerprint).toBe(fingerprintOf(readIfPresent(join(dataFolder, 'tls', 'tls.crt')) ?? ''));
    expect(of('FAR')?.address).toMatch(/^https:/);
    expect(of('NEAR')?.tlsFingerprint).toBeUndefined();
    expect(of('NEAR')?.address).toMatch(/^http:/);
  });
});
