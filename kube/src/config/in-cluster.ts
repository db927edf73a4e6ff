import { readFileSync } from 'node:fs';
import { type Clock, systemClock } from '@dark-carnival/crds/clock';
import { type ClusterConfig, KubeconfigError } from './cluster-config.ts';
import { fileCredentials } from './file-credentials.ts';

/** Where the kubelet mounts a Pod's service account. */
const SERVICE_ACCOUNT = '/var/run/secrets/kubernetes.io/serviceaccount';

export interface InClusterOptions {
  env: Readonly<Record<string, string | undefined>>;
  readFile?: (path: string) => string;
  clock?: Clock;
  /** Folder with `token`, `ca.crt` and `namespace`. */
  folder?: string;
}

/**
 * The API server of the cluster that this process runs in; token and CA are read again every 60 s, because both are rotated.
 * @returns undefined outside of a cluster (`KUBERNETES_SERVICE_HOST` is not set).
 * @throws KubeconfigError when the service account is not mounted.
 */
export function loadInCluster(options: InClusterOptions): ClusterConfig | undefined {
  const { env, folder = SERVICE_ACCOUNT, clock = systemClock } = options;
  const readFile = options.readFile ?? ((path: string) => readFileSync(path, 'utf8'));
  const host = env['KUBERNETES_SERVICE_HOST'];
  if (!host) return undefined;
  const port = env['KUBERNETES_SERVICE_PORT'] ?? '443';
  return {
    source: 'in-cluster',
    contextName: 'in-cluster',
    server: `https://${host.includes(':') ? `[${host}]` : host}:${port}`,
    namespace: readNamespace(`${folder}/namespace`, readFile),
    credentials: fileCredentials(
      { token: { file: `${folder}/token` }, ca: { file: `${folder}/ca.crt` } },
      { clock, readFile },
    ),
    insecureSkipTlsVerify: false,
  };
}

function readNamespace(path: string, readFile: (path: string) => string): string {
  try {
    return readFile(path).trim() || 'default';
  } catch {
    throw new KubeconfigError(
      `cannot read ${path}: the Pod needs automountServiceAccountToken, or give this process a kubeconfig`,
    );
  }
}
