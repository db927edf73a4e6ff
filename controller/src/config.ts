import { isIP } from 'node:net';
import { parseArgs } from 'node:util';
import { readTraceSettings, TraceSettingError, type TraceSettings } from '@dark-carnival/telemetry';
import { z } from 'zod';

/** The command line or the environment cannot be used. The message is one line and says what to do. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

const HOST_NAME = /^[A-Za-z0-9]([-A-Za-z0-9.:]{0,251}[A-Za-z0-9])?$|^::1$/;

const configSchema = z.object({
  /** Kubeconfig file; absent: in the cluster its own account, else the usual places (api.md, "The CLI"). */
  kubeconfig: z.string().min(1).optional(),
  /** Namespace that is looked after, or `all`. */
  namespace: z.string().regex(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/, 'must be a namespace, or all'),
  hubHost: z.string().min(1),
  /** 0: any free one. */
  hubPort: z.coerce.number().int().min(0).max(65_535),
  /** Where other replicas pass heartbeats on to this one; off loopback over https. */
  internalHost: z.string().min(1),
  /** 0: any free one. */
  internalPort: z.coerce.number().int().min(0).max(65_535),
  /** Namespace that the hub's routes mean without `?namespace=`. */
  hubNamespace: z.string().regex(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/, 'must be a namespace'),
  /** Address to listen on besides, for other machines, with TLS; absent: loopback alone. */
  listen: z
    .string()
    .refine((host) => isIP(host) !== 0, 'must be an IP address of this machine, or 0.0.0.0 for all')
    .optional(),
  /** Further names of the hub, for people and its certificate; the first is told to those who join. */
  hubNames: z.array(z.string().regex(HOST_NAME, 'must be host names or IP addresses, with commas')).max(16),
  /** Folder of the certificate. */
  tlsDir: z.string().min(1).optional(),
  /** Stays over restarts, and only one process at a time has it. Absent: host name and hub port, which nobody else can listen on. */
  identity: z.string().min(1).max(200).optional(),
  exitWithParent: z.boolean(),
  logLevel: z.enum(['debug', 'info', 'warn', 'error']),
});
export type Config = z.output<typeof configSchema> & {
  /** Where spans go; absent: nowhere. */
  trace?: TraceSettings | undefined;
};

const OPTIONS = {
  kubeconfig: { type: 'string' },
  namespace: { type: 'string', default: 'all' },
  'hub-host': { type: 'string', default: '127.0.0.1' },
  'hub-port': { type: 'string', default: '8000' },
  'internal-host': { type: 'string', default: '127.0.0.1' },
  'internal-port': { type: 'string', default: '0' },
  'hub-namespace': { type: 'string', default: 'default' },
  listen: { type: 'string' },
  'hub-names': { type: 'string', default: '' },
  'tls-dir': { type: 'string' },
  identity: { type: 'string' },
  'exit-with-parent': { type: 'boolean', default: false },
} as const;

/**
 * Reads what the controller is told. Environment: `CARNIVAL_LOG_LEVEL`, and OpenTelemetry's own.
 * @throws ConfigError
 */
export function readConfig(args: readonly string[], env: Readonly<Record<string, string | undefined>>): Config {
  const given = parse(args);
  const parsed = configSchema.safeParse({
    kubeconfig: given.kubeconfig,
    namespace: given.namespace,
    hubHost: given['hub-host'],
    hubPort: given['hub-port'],
    internalHost: given['internal-host'],
    internalPort: given['internal-port'],
    hubNamespace: given['hub-namespace'],
    listen: given.listen,
    hubNames: given['hub-names'].split(',').filter((name) => name !== ''),
    tlsDir: given['tls-dir'],
    identity: given.identity,
    exitWithParent: given['exit-with-parent'],
    logLevel: env['CARNIVAL_LOG_LEVEL'] || 'info',
  });
  if (parsed.success) {
    if (parsed.data.listen !== undefined && parsed.data.tlsDir === undefined) {
      throw new ConfigError('--listen needs --tls-dir: the folder where the certificate is kept');
    }
    return { ...parsed.data, trace: traceSettings(env) };
  }
  const [issue] = parsed.error.issues;
  throw new ConfigError(`${flagOf(String(issue?.path[0]))}: ${issue?.message}`);
}

function traceSettings(env: Readonly<Record<string, string | undefined>>): TraceSettings | undefined {
  try {
    return readTraceSettings(env);
  } catch (error) {
    throw error instanceof TraceSettingError ? new ConfigError(error.message) : error;
  }
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: OPTIONS, allowPositionals: false }).values;
  } catch (error) {
    const [line] = (error instanceof Error ? error.message : String(error)).split('\n');
    throw new ConfigError(
      `${line} (flags: ${Object.keys(OPTIONS)
        .map((name) => `--${name}`)
        .join(', ')})`,
    );
  }
}

const flagOf = (name: string) =>
  name === 'logLevel' ? 'CARNIVAL_LOG_LEVEL' : `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
