import { X509Certificate } from 'node:crypto';

/** How a certificate is named where it is pinned: `sha256:` and the SHA-256 of its DER, in 64 lower-case hex digits. */
export const FINGERPRINT = /^sha256:[0-9a-f]{64}$/;

/** The fingerprint of a certificate: PEM, DER, or parsed. @throws for what is no certificate. */
export function fingerprintOf(certificate: string | Buffer | X509Certificate): string {
  const { fingerprint256 } = certificate instanceof X509Certificate ? certificate : new X509Certificate(certificate);
  return `sha256:${fingerprint256.replaceAll(':', '').toLowerCase()}`;
}
