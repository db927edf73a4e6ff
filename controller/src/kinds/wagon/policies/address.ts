import { type Heartbeat, isLoopbackUrl, type WagonSpec, type WagonStatus } from '@dark-carnival/crds';
import type { WagonAddress } from '../../../ports/wagon-client.ts';

/** Where a wagon answers: what spec says, else what it says itself. */
export function addressOf(
  { runtime }: Pick<WagonSpec, 'runtime'>,
  heartbeatAddress: string | undefined,
): string | undefined {
  if (runtime.type === 'Process') return runtime.process ? `http://127.0.0.1:${runtime.process.port}` : undefined;
  if (runtime.type === 'External') return runtime.external?.url ?? heartbeatAddress;
  return undefined;
}

/**
 * Where a wagon answers, and with which certificate: by its last heartbeat, else by what status remembers.
 * @returns undefined where nobody has said it yet.
 */
export function whereIs(
  spec: Pick<WagonSpec, 'runtime'>,
  said: Pick<Heartbeat, 'address' | 'tlsFingerprint'> | Pick<WagonStatus, 'address' | 'tlsFingerprint'> | undefined,
): WagonAddress | undefined {
  const address = addressOf(spec, said?.address);
  if (address === undefined) return undefined;
  // Where no TLS is spoken there is nothing to compare.
  const tlsFingerprint = address.startsWith('https:') ? said?.tlsFingerprint : undefined;
  return tlsFingerprint === undefined ? { address } : { address, tlsFingerprint };
}

/**
 * Whether keys may travel to a wagon: over loopback, or over TLS to one certificate. What a person declared as its https URL is as good with a certificate of a
 * public authority; what a wagon says of itself is not.
 */
export function mayCarryKeys(
  { runtime }: Pick<WagonSpec, 'runtime'>,
  { address, tlsFingerprint }: WagonAddress,
): boolean {
  if (isLoopbackUrl(address)) return true;
  if (!address.startsWith('https:')) return false;
  return tlsFingerprint !== undefined || runtime.external?.url === address;
}
