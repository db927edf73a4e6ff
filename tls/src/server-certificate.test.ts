import { X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { serverCertificate } from './server-certificate.ts';

const NOW = Date.parse('2026-11-24T06:00:00Z');
const DAY_MS = 24 * 3600 * 1000;

describe('the server certificate', () => {
  let dir: string;

  beforeEach(() => {
    dir = join(mkdtempSync(join(tmpdir(), 'pki-')), 'pki');
  });
  afterEach(() => rmSync(join(dir, '..'), { recursive: true, force: true }));

  it('is for loopback, signed by a CA of its own, and both last', async () => {
    const { caPem, certPem } = await serverCertificate(dir, NOW);
    const [ca, certificate] = [new X509Certificate(caPem), new X509Certificate(certPem)];
    expect([ca.ca, certificate.ca, certificate.verify(ca.publicKey), certificate.checkIssued(ca)]).toEqual([
      true,
      false,
      true,
      true,
    ]);
    expect([
      certificate.checkIP('127.0.0.1'),
      certificate.checkHost('localhost'),
      certificate.checkIP('127.0.0.2'),
    ]).toEqual(['127.0.0.1', 'localhost', undefined]);
    expect(certificate.validFromDate.getTime()).toBeLessThan(NOW);
    expect(certificate.validToDate.getTime()).toBe(NOW + 825 * DAY_MS);
    for (const file of ['ca.key', 'ca.crt', 'server.key', 'server.crt'])
      expect(statSync(join(dir, file)).mode & 0o077).toBe(0);
  });

  it('is kept across starts, and renewed under the same CA before it ends', async () => {
    const first = await serverCertificate(dir, NOW);
    expect(await serverCertificate(dir, NOW + 700 * DAY_MS)).toEqual(first);
    const renewed = await serverCertificate(dir, NOW + 800 * DAY_MS);
    expect(renewed.caPem).toBe(first.caPem);
    expect(renewed.certPem).not.toBe(first.certPem);
  });

  it.each(['server.key', 'server.crt'])(
    'is made again when its %s is damaged, with the CA that clients trust',
    async (file) => {
      const first = await serverCertificate(dir, NOW);
      writeFileSync(join(dir, file), readFileSync(join(dir, `ca${file.slice(6)}`)));
      const again = await serverCertificate(dir, NOW);
      expect(again.caPem).toBe(first.caPem);
      expect(new X509Certificate(again.certPem).verify(new X509Certificate(again.caPem).publicKey)).toBe(true);
    },
  );

  it('starts over with a new CA when the old one is torn', async () => {
    const first = await serverCertificate(dir, NOW);
    writeFileSync(join(dir, 'ca.key'), 'half a k');
    const again = await serverCertificate(dir, NOW);
    expect(again.caPem).not.toBe(first.caPem);
    expect(new X509Certificate(again.certPem).verify(new X509Certificate(again.caPem).publicKey)).toBe(true);
  });
});
