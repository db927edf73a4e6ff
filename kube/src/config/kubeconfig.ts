import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { type Clock, systemClock } from '@dark-carnival/crds/clock';
import { type ClusterConfig, KubeconfigError } from './cluster-config.ts';
import { type CredentialPart, type CredentialParts, fileCredentials } from './file-credentials.ts';
import { asFields, type Entry, type Fields, type Kubeconfig, parseKubeconfigs } from './kubeconfig-file.ts';

/** Name of the cluster extension that says where the hub of an API server is. */
export const KUBECONFIG_EXTENSION = 'darkcarnival.dev';

export interface KubeconfigOptions {
  env: Readonly<Record<string, string | undefined>>;
  /** `--kubeconfig`. */
  path?: string;
  /** `--context`; else the file's current-context. */
  context?: string;
  cwd?: string;
  home?: string;
  readFile?: (path: string) => string;
  exists?: (path: string) => boolean;
  clock?: Clock;
}

/**
 * Reads the kubeconfig that api.md's order finds: `path`, else `KUBECONFIG` (several files are merged as kubectl does), else
 * `$CARNIVAL_DATA/kubeconfig`, else `./.carnival/kubeconfig`, else `~/.kube/config`.
 * @throws KubeconfigError, one line that says what to do.
 */
export function loadKubeconfig(options: KubeconfigOptions): ClusterConfig {
  const readFile = options.readFile ?? ((path: string) => readFileSync(path, 'utf8'));
  const files = findKubeconfigs(options).map((path) => ({ path, content: readOne(path, readFile) }));
  const config = parseKubeconfigs(files);
  const source = config.files.join(delimiter);
  const { name: contextName, context } = pickContext(config, source, options.context);
  const cluster = pickEntry(config.clusters, context.fields['cluster'], 'cluster', contextName, source);
  const user = context.fields['user']
    ? pickEntry(config.users, context.fields['user'], 'user', contextName, source)
    : undefined;
  return resolveCluster({ source, contextName, context, cluster, user }, { readFile, clock: options.clock });
}

function findKubeconfigs({ env, path, cwd = process.cwd(), home = homedir(), exists = existsSync }: KubeconfigOptions) {
  if (path !== undefined) {
    if (!exists(path)) throw new KubeconfigError(`kubeconfig ${path} does not exist: correct --kubeconfig`);
    return [path];
  }
  const named = (env['KUBECONFIG'] ?? '').split(delimiter).filter((each) => each !== '');
  if (named.length > 0) {
    const present = named.filter(exists);
    if (present.length === 0) {
      throw new KubeconfigError(`KUBECONFIG names ${named.join(delimiter)}, which does not exist: correct or unset it`);
    }
    return present;
  }
  const data = env['CARNIVAL_DATA'];
  const places = [
    ...(data ? [join(data, 'kubeconfig')] : []),
    join(cwd, '.carnival', 'kubeconfig'),
    join(home, '.kube', 'config'),
  ];
  const found = places.find(exists);
  if (found === undefined) {
    throw new KubeconfigError(
      `no kubeconfig found (looked for ${places.join(', ')}): run \`npm start\`, or set KUBECONFIG`,
    );
  }
  return [found];
}

function readOne(path: string, readFile: (path: string) => string): string {
  try {
    return readFile(path);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'error';
    throw new KubeconfigError(`cannot read kubeconfig ${path} (${code}): correct its rights, or name another`);
  }
}

function pickContext(config: Kubeconfig, source: string, wanted?: string): { name: string; context: Entry } {
  const name = wanted ?? config.currentContext;
  const known = [...config.contexts.keys()].join(', ') || 'none';
  if (name === undefined) {
    throw new KubeconfigError(`${source} has no current-context: choose one with --context (it has: ${known})`);
  }
  const context = config.contexts.get(name);
  if (!context) throw new KubeconfigError(`${source} has no context "${name}": choose one with --context (${known})`);
  return { name, context };
}

function pickEntry(
  entries: ReadonlyMap<string, Entry>,
  name: unknown,
  what: 'cluster' | 'user',
  contextName: string,
  source: string,
): Entry {
  const entry = typeof name === 'string' ? entries.get(name) : undefined;
  if (entry) return entry;
  throw new KubeconfigError(
    `context "${contextName}" of ${source} names ${what} ${JSON.stringify(name ?? '')}, which is not there: correct the file`,
  );
}

interface Resolved {
  source: string;
  contextName: string;
  context: Entry;
  cluster: Entry;
  user: Entry | undefined;
}

function resolveCluster(
  { source, contextName, context, cluster, user }: Resolved,
  io: { readFile: (path: string) => string; clock: Clock | undefined },
): ClusterConfig {
  const server = serverUrl(cluster);
  const insecure = cluster.fields['insecure-skip-tls-verify'] === true;
  const parts: CredentialParts = {
    ...part('ca', insecure ? undefined : pem(cluster, 'certificate-authority')),
    ...(user ? userParts(user) : {}),
  };
  refuseTokenInTheClear(server, parts, cluster);
  const namespace = context.fields['namespace'];
  const tlsServerName = cluster.fields['tls-server-name'];
  const extension = readExtension(cluster);
  const hub = extension?.['hub'];
  return {
    source,
    contextName,
    server,
    namespace: typeof namespace === 'string' && namespace !== '' ? namespace : 'default',
    credentials: fileCredentials(parts, { readFile: io.readFile, clock: io.clock ?? systemClock }),
    insecureSkipTlsVerify: insecure,
    ...(typeof tlsServerName === 'string' && tlsServerName !== '' ? { tlsServerName } : {}),
    ...(extension ? { extension } : {}),
    ...(typeof hub === 'string' ? { hubUrl: hub } : {}),
  };
}

function serverUrl(cluster: Entry): string {
  const { server, 'proxy-url': proxy } = cluster.fields;
  if (proxy) throw new KubeconfigError(`${cluster.file} uses proxy-url, which is not supported: remove it`);
  const url = typeof server === 'string' && URL.canParse(server) ? new URL(server) : undefined;
  if (!url || !/^https?:$/.test(url.protocol)) {
    throw new KubeconfigError(`${cluster.file}: server ${JSON.stringify(server ?? '')} is no http(s) URL: correct it`);
  }
  return `${url.origin}${url.pathname}`.replace(/\/+$/, '');
}

/** kubectl drops a token on http; dropping it silently ends in a puzzling 401, so it is said. Loopback is not a wire. */
function refuseTokenInTheClear(server: string, parts: CredentialParts, cluster: Entry): void {
  const { protocol, hostname } = new URL(server);
  const loopback = hostname === 'localhost' || hostname === '[::1]' || /^127\./.test(hostname);
  if (protocol === 'http:' && parts.token && !loopback) {
    throw new KubeconfigError(`${cluster.file} would send a token over plain http to ${hostname}: use https`);
  }
}

const UNSUPPORTED_USER: Readonly<Record<string, string>> = {
  exec: 'an exec credential plugin',
  'auth-provider': 'an auth-provider (OIDC)',
  username: 'a user name and password',
  as: 'impersonation',
};

function userParts(user: Entry): CredentialParts {
  for (const [field, what] of Object.entries(UNSUPPORTED_USER)) {
    if (user.fields[field] === undefined) continue;
    throw new KubeconfigError(
      `${user.file} signs in with ${what} (user.${field}), which is not supported yet: use a token or a client certificate`,
    );
  }
  const certificate = pem(user, 'client-certificate');
  const key = pem(user, 'client-key');
  if ((certificate === undefined) !== (key === undefined)) {
    throw new KubeconfigError(`${user.file} has only one of client-certificate and client-key: give both`);
  }
  return { ...part('token', token(user)), ...part('clientCertificate', certificate), ...part('clientKey', key) };
}

function part<Name extends string>(name: Name, value: CredentialPart | undefined): { [Key in Name]?: CredentialPart } {
  return (value === undefined ? {} : { [name]: value }) as { [Key in Name]?: CredentialPart };
}

/** `tokenFile` wins over `token`, as in client-go: it is the one that is rotated. */
function token(user: Entry): CredentialPart | undefined {
  const { token: inline, tokenFile } = user.fields;
  if (typeof tokenFile === 'string' && tokenFile !== '') return { file: resolve(user.folder, tokenFile) };
  return typeof inline === 'string' && inline !== '' ? { value: inline } : undefined;
}

/** `<name>-data` (base64) wins over the file `<name>`, as in client-go. */
function pem(entry: Entry, name: string): CredentialPart | undefined {
  const data = entry.fields[`${name}-data`];
  if (typeof data === 'string' && data !== '') return { value: decodePem(data, `${name}-data`, entry.file) };
  const file = entry.fields[name];
  return typeof file === 'string' && file !== '' ? { file: resolve(entry.folder, file) } : undefined;
}

function decodePem(data: string, field: string, file: string): string {
  const decoded = Buffer.from(data, 'base64').toString('utf8');
  if (!decoded.includes('-----BEGIN ')) throw new KubeconfigError(`${file}: ${field} is not base64 of PEM: correct it`);
  return decoded;
}

function readExtension(cluster: Entry): Fields | undefined {
  const list = cluster.fields['extensions'];
  if (!Array.isArray(list)) return undefined;
  const found = list.map(asFields).find((each) => each['name'] === KUBECONFIG_EXTENSION);
  return found ? asFields(found['extension']) : undefined;
}
