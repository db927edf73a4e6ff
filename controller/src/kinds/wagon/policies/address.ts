import type { WagonSpec } from '@dark-carnival/crds';

/** Where a wagon answers: what spec says, else what it says itself. */
export function addressOf(
  { runtime }: Pick<WagonSpec, 'runtime'>,
  heartbeatAddress: string | undefined,
): string | undefined {
  if (runtime.type === 'Process') return runtime.process ? `http://127.0.0.1:${runtime.process.port}` : undefined;
  if (runtime.type === 'External') return runtime.external?.url ?? heartbeatAddress;
  return undefined;
}

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

/** Whether keys may travel to an address: over loopback, or over TLS. */
export function mayCarryKeys(address: string): boolean {
  try {
    const { protocol, hostname } = new URL(address);
    return protocol === 'https:' || LOOPBACK.test(hostname);
  } catch {
    return false;
  }
}
