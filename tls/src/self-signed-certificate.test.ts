import { X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fingerprintOf } from './fingerprint.ts';
import { selfSignedCertificate } from './self-signed-certificate.ts';

const NOW = Date.parse('2026-11-24T06:00:00Z');
const DAY_MS = 24 * 3600 * 1000;

describe('a self-signed certificate', () => {
  let dir: string;
  beforeEach(() => {
    dir = join(mkdtempSync(join(tmpdir(), 'self-signed-')), 'tls');
  });
  afterEach(() => rmSync(join(dir, '..'), { recursive: true, force: true }));

  it('names host names and addresses, leaves out what a certificate cannot hold, and is its owner’s alone', async () => {
    const names = ['192.168.1.116', 'fd00::1', 'hub.lan', 'localhost', 'fe80::1%eth0', 'has space', 'under_score', ''];
    const { certPem, fingerprint } = await selfSignedCertificate(dir, names, NOW);
    const certificate = new X509Certificate(certPem);
    expect(certificate.subjectAltName).toBe(
      'IP Address:192.168.1.116, IP Address:FD00:0:0:0:0:0:0:1, DNS:hub.lan, DNS:localhost',
    );
    expect([certificate.ca, certificate.verify(certificate.publicKey)]).toEqual([false, true]);
    expect(certificate.validToDate.getTime()).toBe(NOW + 3650 * DAY_MS);
    expect(fingerprint).toMatch(/^sha256:[0-9a-f]{64}$/);
    expect(fingerprint).toBe(fingerprintOf(certificate.raw));
    for (const file of ['tls.key', 'tls.crt']) expect(statSync(join(dir, file)).mode & 0o077).toBe(0);
  });

  it('is made even for a machine whose names no certificate can hold', async () => {
    const { certPem } = await selfSignedCertificate(dir, ['_'], NOW);
    expect(new X509Certificate(certPem).subjectAltName).toBe('DNS:localhost');
  });

  it('is kept across starts and addresses, so that its fingerprint stays, and renewed before it ends', async () => {
    const first = await selfSignedCertificate(dir, ['192.168.1.116'], NOW);
    expect(await selfSignedCertificate(dir, ['192.168.1.200'], NOW + 3600 * DAY_MS)).toEqual(first);
    const renewed = await selfSignedCertificate(dir, ['192.168.1.200'], NOW + 3625 * DAY_MS);
    expect(renewed.fingerprint).not.toBe(first.fingerprint);
    expect(new X509Certificate(renewed.certPem).subjectAltName).toBe('IP Address:192.168.1.200');
  });

  it.each(['tls.key', 'tls.crt'])('is made anew when %s is torn', async (file) => {
    const first = await selfSignedCertificate(dir, ['hub.lan'], NOW);
    writeFileSync(join(dir, file), 'half a');
    const again = await selfSignedCertificate(dir, ['hub.lan'], NOW);
    expect(again.fingerprint).not.toBe(first.fingerprint);
    expect(await selfSignedCertificate(dir, ['hub.lan'], NOW)).toEqual(again);
  });
});
