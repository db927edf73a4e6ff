import { createPrivateKey, X509Certificate } from 'node:crypto';
import { join } from 'node:path';
import { readIfPresent, writePrivateFile } from './private-file.ts';

/** A certificate with its private key, PEM. */
export interface KeyPair {
  certPem: string;
  keyPem: string;
}

/** A certificate that ends within this time is replaced at start. */
const RENEW_BEFORE_MS = 30 * 24 * 3600 * 1000;

/**
 * Reads `<name>.crt` and `<name>.key` if both files are there, belong together and last; a torn or damaged pair counts as absent.
 * @param issuer whose signature it must carry.
 */
export function readPair(dir: string, name: string, nowMs: number, issuer?: KeyPair): KeyPair | undefined {
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

export function writePair(dir: string, name: string, pair: KeyPair): KeyPair {
  writePrivateFile(join(dir, `${name}.key`), pair.keyPem);
  writePrivateFile(join(dir, `${name}.crt`), pair.certPem);
  return pair;
}
