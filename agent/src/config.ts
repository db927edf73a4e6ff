import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { codePoints, nodeIdToName } from '@dark-carnival/crds';
import { z } from 'zod';

/** What a wagon is told at its start. Read once, by `main.ts`; nothing else looks at the environment. */
export interface WagonConfig {
  /** Base URL of the hub, without a trailing slash; absent for a lone wagon, which answers to nobody. */
  ringmasterUrl?: string;
  /** Presented to the hub and demanded from callers. */
  token: string;
  nodeID: string;
  role: string;
  host: string;
  /** 0 lets the system choose. */
  port: number;
  /** Where others reach the wagon, when that is not what it listens on. */
  advertiseUrl?: string;
  /** Folder of journal and vault, of this wagon alone. */
  dataFolder: string;
  namespace: string;
  maxConcurrentJobs: number;
  logLevel: 'debug' | 'info' | 'warn' | 'error';
  /** Ends when stdin closes: a supervisor that was killed takes its wagons with it. */
  exitWithParent: boolean;
  /** Keys from `CARNIVAL_KEY_<PROVIDER NAME>`, by that upper-case name. */
  providerKeys: ReadonlyMap<string, string>;
}

/** The wagon cannot start: the message is one line that says what to change. */
export class StartError extends Error {
  override readonly name = 'StartError';
}

const baseUrl = z
  .url({ protocol: /^https?$/, message: 'must be an http or https URL' })
  .refine((value) => !URL.canParse(value) || isPlainBase(new URL(value)), {
    message: 'must carry no user, password, query or fragment',
  })
  .transform((value) => value.replace(/\/+$/, ''));

function isPlainBase(url: URL): boolean {
  return url.username === '' && url.password === '' && url.search === '' && url.hash === '';
}

const wholeNumber = (min: number, max: number) =>
  z
    .string()
    .regex(/^\d{1,9}$/, `must be a whole number from ${min} to ${max}`)
    .transform(Number)
    .refine((value) => value >= min && value <= max, { message: `must be a whole number from ${min} to ${max}` });

const nodeID = z
  .string()
  .refine((value) => codePoints(value) <= 64, { message: 'must have at most 64 characters' })
  .refine((value) => nodeIdToName(value) !== '', { message: 'must hold a letter or a digit' })
  .refine((value) => nodeIdToName(value) !== 'all', { message: 'must not be "all": that name means every wagon' });

const settingsSchema = z.object({
  RINGMASTER_URL: baseUrl.optional(),
  CARNIVAL_WAGON_TOKEN: z
    .string({ error: 'is missing: set it to the secret that callers present (any 16 random characters or more)' })
    .regex(/^[\x21-\x7e]{8,4096}$/, 'must be 8 to 4096 printable ASCII characters without spaces'),
  NODE_ID: nodeID,
  NODE_ROLE: z
    .string()
    .regex(/^[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/, 'must be one word such as CORE')
    .default('CORE'),
  PORT: wholeNumber(0, 65_535).default(8080),
  HOST: z.string().min(1).max(253).default('127.0.0.1'),
  CARNIVAL_ADVERTISE_URL: baseUrl.optional(),
  CARNIVAL_DATA: z.string().min(1).optional(),
  CARNIVAL_NAMESPACE: z
    .string()
    .regex(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/, 'must be a Kubernetes namespace name')
    .default('default'),
  MAX_CONCURRENT_JOBS: wholeNumber(1, 64).default(2),
  LOG_LEVEL: z.enum(['debug', 'info', 'warn', 'error']).default('info'),
});

/** Flags, each another spelling of a variable. The token has none: other users of a machine can read arguments. */
const FLAGS = {
  'ringmaster-url': 'RINGMASTER_URL',
  'node-id': 'NODE_ID',
  role: 'NODE_ROLE',
  port: 'PORT',
  host: 'HOST',
  'advertise-url': 'CARNIVAL_ADVERTISE_URL',
  data: 'CARNIVAL_DATA',
  namespace: 'CARNIVAL_NAMESPACE',
  'max-jobs': 'MAX_CONCURRENT_JOBS',
  'log-level': 'LOG_LEVEL',
} as const;

const KEY_PREFIX = 'CARNIVAL_KEY_';

/** The name under which the environment holds a provider's key, without its prefix. */
export const providerKeyName = (provider: string): string => provider.toUpperCase().replace(/[^A-Z0-9]/g, '_');

/**
 * Reads flags and environment; a flag wins. An empty variable counts as absent.
 * @throws StartError naming the first setting that is wrong.
 */
export function readConfig(
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
  hostname: string,
): WagonConfig {
  const { settings, exitWithParent } = readFlags(args);
  const given = { NODE_ID: hostname, ...withoutEmpty(env), ...settings };
  const parsed = settingsSchema.safeParse(given);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw new StartError(`${issue?.path.join('.')} ${issue?.message}`);
  }
  const { data } = parsed;
  return {
    ...(data.RINGMASTER_URL === undefined ? {} : { ringmasterUrl: data.RINGMASTER_URL }),
    ...(data.CARNIVAL_ADVERTISE_URL === undefined ? {} : { advertiseUrl: data.CARNIVAL_ADVERTISE_URL }),
    token: data.CARNIVAL_WAGON_TOKEN,
    nodeID: data.NODE_ID,
    role: data.NODE_ROLE,
    host: data.HOST,
    port: data.PORT,
    dataFolder: dataFolder(data.CARNIVAL_DATA, data.NODE_ID),
    namespace: data.CARNIVAL_NAMESPACE,
    maxConcurrentJobs: data.MAX_CONCURRENT_JOBS,
    logLevel: data.LOG_LEVEL,
    exitWithParent,
    providerKeys: providerKeys(env),
  };
}

function readFlags(args: readonly string[]): { settings: Record<string, string>; exitWithParent: boolean } {
  const options = Object.fromEntries(Object.keys(FLAGS).map((flag) => [flag, { type: 'string' as const }]));
  try {
    const { values } = parseArgs({
      args: [...args],
      options: { ...options, 'exit-with-parent': { type: 'boolean' } },
      strict: true,
    });
    const settings = Object.entries(FLAGS).flatMap(([flag, name]) => {
      const value = (values as Record<string, unknown>)[flag];
      return typeof value === 'string' ? [[name, value] as const] : [];
    });
    return { settings: Object.fromEntries(settings), exitWithParent: values['exit-with-parent'] === true };
  } catch (error) {
    // parseArgs explains over several sentences; the first one names the flag.
    throw new StartError(error instanceof Error ? (error.message.split('. ')[0] ?? error.message) : String(error));
  }
}

function withoutEmpty(env: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).flatMap(([name, value]) => (value === undefined || value === '' ? [] : [[name, value]])),
  );
}

/** Relative to the working folder; `~/` is the home folder, since not every caller is a shell. */
function dataFolder(given: string | undefined, id: string): string {
  if (given?.startsWith('~/')) return join(homedir(), given.slice(2));
  return resolve(given ?? join('.carnival', 'wagons', nodeIdToName(id)));
}

function providerKeys(env: Readonly<Record<string, string | undefined>>): ReadonlyMap<string, string> {
  const keys = new Map<string, string>();
  for (const [name, value] of Object.entries(env)) {
    if (name.startsWith(KEY_PREFIX) && value) keys.set(name.slice(KEY_PREFIX.length), value);
  }
  return keys;
}

/** Takes the secrets out of the environment, so that no child process inherits them. */
export function scrubEnvironment(env: Record<string, string | undefined>): void {
  for (const name of Object.keys(env)) {
    if (name.startsWith(KEY_PREFIX) || name === 'CARNIVAL_WAGON_TOKEN') delete env[name];
  }
}
