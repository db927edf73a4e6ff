import { z } from 'zod';
import type { UpOptions } from './options.ts';

const lanSchema = z.object({
  url: z.url({ protocol: /^https$/ }),
  fingerprint: z.string().regex(/^sha256:[0-9a-f]{64}$/),
});
/** How other machines reach the hub, and know it. */
export type HubLan = z.output<typeof lanSchema>;

/** What of a controller's ready line says so; undefined for a hub on loopback alone. */
export const lanOf = (ready: Record<string, unknown>): HubLan | undefined => lanSchema.safeParse(ready['lan']).data;

/** The controller's flags for it. @param tlsDir where the certificate is kept. */
export function listenArgs({ listen, hubNames }: Pick<UpOptions, 'listen' | 'hubNames'>, tlsDir: string): string[] {
  if (listen === undefined) return [];
  return ['--listen', listen, '--tls-dir', tlsDir, ...(hubNames.length > 0 ? ['--hub-names', hubNames.join(',')] : [])];
}
