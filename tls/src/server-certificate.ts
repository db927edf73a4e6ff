import { createPrivateKey, X509Certificate } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { KeyPair } from './issue-certificates.ts';
import { readIfPresent, writePrivateFile } from './private-file.ts';

/** What a server needs to serve https, and its clients to trust it. PEM. */
export interface ServerCertificate extends KeyPair {
  caPem: string;
}

/** A certificate that ends within this time is replaced at start. */
const RENEW_BEFORE_MS = 30 * 24 * 3600 * 1000;

/** Reads the pair if both files are there, belong together and last; a torn or damaged pair counts as absent. */
function readPair(dir: string, name: string, nowMs: number, issuer?: KeyPair): KeyPair | undefined {
  const certPem = readIfPresent(join(dir, `${name}.crt`));
  const keyPem = readIfPresent(join(dir, `${name}.key`));
  if (!certPem || !keyPem) return undefined;
  try {
    const certificate = new X509Certificate(certPem);
    const isOurs = issuer === undefined || certificate.verify(new X509Certificate(issuer.certPem).publicKey);
    const lasts = certificate.validToDate.getTime() - nowMs > RENEW_BEFORE_MS;
    return isOurs && lasts && certificate.checkPrivateKey(createPrivateKey(keyPem)) ? { certPem, keyPem } : undefined;
  } catch {
    return undefined;
  }
}

function writePair(dir: string, name: string, pair: KeyPair): KeyPair {
  writePrivateFile(join(dir, `${name}.key`), pair.keyPem);
  writePrivateFile(join(dir, `${name}.crt`), pair.certPem);
  return pair;
}

/** The folder's CA and server certificate, made or renewed when needed. The folder and its files are the owner's alone. */
export async function serverCertificate(dir: string, nowMs: number): Promise<ServerCertificate> {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  let authority = readPair(dir, 'ca', nowMs);
  let server = authority && readPair(dir, 'server', nowMs, authority);
  if (!authority || !server) {
    // Loaded only here: a start with certificates at hand is spared 10 MB and the time.
    const issue = await import('./issue-certificates.ts');
    authority ??= writePair(dir, 'ca', await issue.issueAuthority(nowMs));
    server = writePair(dir, 'server', await issue.issueServerCertificate(authority, nowMs));
  }
  return { ...server, caPem: authority.certPem };
}
