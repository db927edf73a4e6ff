/**
 * What a child process inherits. An allow-list: provider keys lie in this environment, and a wagon runs what a model wrote. They reach a wagon
 * by `PUT /api/providers` only.
 */
const INHERITED: ReadonlySet<string> = new Set([
  'PATH',
  'HOME',
  'USER',
  'LOGNAME',
  'SHELL',
  'LANG',
  'LC_ALL',
  'TZ',
  'TMPDIR',
  'REDIS_URL',
  'NODE_COMPILE_CACHE',
  'CARNIVAL_LOG_LEVEL',
  'SSL_CERT_FILE',
  'SSL_CERT_DIR',
  'NODE_EXTRA_CA_CERTS',
  'HTTP_PROXY',
  'HTTPS_PROXY',
  'NO_PROXY',
  'http_proxy',
  'https_proxy',
  'no_proxy',
]);

/** Where spans go is the same for all; each process reads it, and drops the collector's credentials from its own environment. */
const TRACING = 'OTEL_';

/** The environment of a child: the inherited part, and what it is given. */
export function childEnv(
  env: Readonly<Record<string, string | undefined>>,
  given: Readonly<Record<string, string>> = {},
): Record<string, string> {
  const inherited: Record<string, string> = {};
  for (const [name, value] of Object.entries(env)) {
    if (value !== undefined && (INHERITED.has(name) || name.startsWith(TRACING))) inherited[name] = value;
  }
  return { ...inherited, ...given };
}
