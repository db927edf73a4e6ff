import { mkdtempSync, rmSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { type SelfSignedCertificate, selfSignedCertificate } from '@dark-carnival/tls';

export interface InternalPort {
  host: string;
  port: number;
  /** Undefined on loopback. */
  tls: SelfSignedCertificate | undefined;
}

const LOOPBACK = new Set(['127.0.0.1', '::1', 'localhost']);
/** Addresses that are listened on but cannot be called. */
const ANY_ADDRESS = new Set(['0.0.0.0', '::']);
const HOST = /^[A-Za-z0-9.:-]{1,253}$/;

/**
 * Where this replica takes what others pass on. Off loopback with a certificate of this start alone: whoever needs its fingerprint reads it from the election
 * Lease, so there is nothing to keep.
 * @throws RangeError for an address that cannot be told to others, such as 0.0.0.0.
 */
export async function openInternalPort(
  asked: { host: string; port: number } | undefined,
  nowMs: number,
): Promise<InternalPort> {
  const { host, port } = asked ?? { host: '127.0.0.1', port: 0 };
  if (ANY_ADDRESS.has(host) || !HOST.test(host)) {
    throw new RangeError(
      `--internal-host must be the address at which other replicas reach this one, not ${JSON.stringify(host)}`,
    );
  }
  if (LOOPBACK.has(host)) return { host, port, tls: undefined };
  const folder = mkdtempSync(join(tmpdir(), 'carnival-internal-'));
  try {
    return { host, port, tls: await selfSignedCertificate(folder, [host, hostname()], nowMs) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
