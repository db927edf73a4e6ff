import { mkdirSync } from 'node:fs';
import { fingerprintOf } from './fingerprint.ts';
import { type KeyPair, readPair, writePair } from './key-pair-files.ts';

/** What a server needs to serve https to those who know its fingerprint. */
export interface SelfSignedCertificate extends KeyPair {
  /** What its clients pin. */
  fingerprint: string;
}

const NAME = 'tls';

/**
 * The folder's self-signed certificate, `tls.crt` and `tls.key`: made when there is none, kept, and replaced in its last 30 days (it lasts ten years) or
 * when it is damaged. It is kept under other names too: clients know it by its fingerprint, and a machine that was given another address is still the same.
 * The folder and its files are the owner's alone.
 * @param names host names and IP addresses that go into a new one; what is neither is left out.
 */
export async function selfSignedCertificate(
  dir: string,
  names: readonly string[],
  nowMs: number,
): Promise<SelfSignedCertificate> {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  let pair = readPair(dir, NAME, nowMs);
  if (!pair) {
    // Loaded only here: a start with a certificate at hand is spared 10 MB and the time.
    const { issueSelfSigned } = await import('./issue-certificates.ts');
    pair = writePair(dir, NAME, await issueSelfSigned(names, nowMs));
  }
  return { ...pair, fingerprint: fingerprintOf(pair.certPem) };
}
