import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { KUBECONFIG_EXTENSION } from '@dark-carnival/kube';
import { dump, load } from 'js-yaml';
import { z } from 'zod';
import { UpError } from '../up-error.ts';

const extensionSchema = z.looseObject({ name: z.string() });
const clusterSchema = z.looseObject({
  cluster: z.looseObject({ server: z.string(), extensions: z.array(extensionSchema).optional() }),
});
const kubeconfigSchema = z.looseObject({ clusters: z.array(clusterSchema).min(1) });

/** Where the hub is. */
export interface HubPlace {
  /** Base URL for this machine. */
  hub: string;
  /** Base URL for others, and the fingerprint of its certificate there. */
  lan?: { url: string; fingerprint: string } | undefined;
}

/**
 * Writes into a kubeconfig where the hub of its clusters is, so that the CLI needs no flag for it. Atomic; written only when it changes.
 * @throws UpError when the file is no kubeconfig.
 */
export function writeHubExtension(path: string, { hub, lan }: HubPlace): void {
  const text = readFileSync(path, 'utf8');
  const parsed = kubeconfigSchema.safeParse(load(text));
  if (!parsed.success) throw new UpError(`${path} is no kubeconfig: delete it, it is made anew at the next start`);
  const { clusters } = parsed.data;
  const more = lan ? { lanHub: lan.url, fingerprint: lan.fingerprint } : {};
  const extension = { name: KUBECONFIG_EXTENSION, extension: { hub, ...more } };
  for (const { cluster } of clusters) {
    const others = (cluster.extensions ?? []).filter(({ name }) => name !== KUBECONFIG_EXTENSION);
    cluster.extensions = [...others, extension];
  }
  const changed = dump(parsed.data, { lineWidth: -1 });
  if (changed === text) return;
  writeFileSync(`${path}.new`, changed, { mode: 0o600 });
  renameSync(`${path}.new`, path);
}

/** Port of the first cluster's server, where it is a loopback address; undefined where there is no such file. */
export function readServerPort(path: string): number | undefined {
  try {
    const { clusters } = kubeconfigSchema.parse(load(readFileSync(path, 'utf8')));
    const { hostname, port } = new URL(clusters[0]?.cluster.server ?? '');
    const loopback = hostname === 'localhost' || hostname === '127.0.0.1' || hostname === '[::1]';
    return loopback && port !== '' ? Number(port) : undefined;
  } catch {
    return undefined;
  }
}
