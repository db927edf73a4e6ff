import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import {
  codePoints,
  type EnvironmentProviders,
  type JoinToken,
  KEY_VARIABLES,
  nodeIdToName,
  parseJoinToken,
  providersFromEnvironment,
} from '@dark-carnival/crds';
import {
  readTraceSettings,
  SECRET_TRACE_VARIABLES,
  TraceSettingError,
  type TraceSettings,
} from '@dark-carnival/telemetry';
import { z } from 'zod';
import { readFlags } from './flags.ts';
import { isCIDR } from './providers/index.ts';
import { StartError } from './start-error.ts';

/** What a wagon runs with. */
export interface WagonConfig {
  /** Base URL of the hub, without a trailing slash; absent for a lone wagon, which answers to nobody. */
  ringmasterUrl?: string;
  /** Of the hub's certificate: nobody else is told the token. Absent: plain http, or a certificate of a public authority. */
  ringmasterFingerprint?: string;
  /** Presented to the hub and demanded from callers. */
  token: string;
  nodeID: string;
  role: string;
  /** Address to listen on: loopback in the clear, any other with TLS. */
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
  /** By the variables of this machine; absent for a wagon that is supervised, whose providers are its hub's. */
  ownProviders?: EnvironmentProviders;
  /** Where spans go; absent: nowhere. */
  trace?: TraceSettings;
  /** Present in a Pod: providers may be in private ranges only where the cluster's owner lists them, and never at the API server. */
  cluster?: ClusterPlace;
}

export interface ClusterPlace {
  /** `host:port` of the Kubernetes API. */
  apiServer: string;
  allowedCIDRs: readonly string[];
}

/** What a wagon is told at its start, before it is known which wagon it is. Read once, by `main.ts`; nothing else looks at the environment. */
export interface WagonSettings extends Omit<WagonConfig, 'token' | 'role' | 'host' | 'namespace'> {
  /** Given by whoever declared the wagon; absent for one that joins by itself. */
  token?: string;
  joinToken?: JoinToken;
  /** Folder of a `carnival up` on this machine that this wagon may ask for a join token. */
  localCarnival?: string;
  /** NODE_ID was given, and is not the host name. */
  nodeIDIsGiven: boolean;
  role?: string;
  host?: string;
  namespace?: string;
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
  RINGMASTER_FINGERPRINT: z
    .string()
    .regex(/^sha256:[0-9a-f]{64}$/, 'must be sha256: and 64 hexadecimal digits, as the hub prints it')
    .optional(),
  CARNIVAL_WAGON_TOKEN: z
    .string()
    .regex(/^[\x21-\x7e]{8,4096}$/, 'must be 8 to 4096 printable ASCII characters without spaces')
    .optional(),
  CARNIVAL_JOIN_TOKEN: z
    .string()
    .transform(parseJoinToken)
    .refine((token) => token !== undefined, {
      message: 'is no join token: `carnival join-token create` prints one, all of it is needed',
    })
    .optional(),
  NODE_ID: nodeID,
  NODE_ROLE: z
    .string()
    .regex(/^[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/, 'must be one word such as CORE')
    .optional(),
  PORT: wholeNumber(0, 65_535).default(8080),
  HOST: z.string().min(1).max(253).optional(),
  /** The memory that will use it is not in this version: a wrong one is refused all the same. */
  REDIS_URL: z.url({ protocol: /^rediss?$/, message: 'must be a redis or rediss URL' }).optional(),
  CARNIVAL_ADVERTISE_URL: baseUrl.optional(),
  CARNIVAL_DATA: z.string().min(1).optional(),
  CARNIVAL_NAMESPACE: z
    .string()
    .regex(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/, 'must be a Kubernetes namespace name')
    .optional(),
  MAX_CONCURRENT_JOBS: wholeNumber(1, 64).default(2),
  /** Set in every Pod by the kubelet. */
  KUBERNETES_SERVICE_HOST: z.string().min(1).max(253).optional(),
  KUBERNETES_SERVICE_PORT: wholeNumber(1, 65_535).default(443),
  CARNIVAL_ALLOWED_CIDRS: z
    .string()
    .transform((list) => list.split(/[\s,]+/).filter((range) => range !== ''))
    .refine((ranges) => ranges.every(isCIDR), { message: 'must list ranges such as 10.20.0.0/16,fd00:1::/64' })
    .default([]),
  LOG_LEVEL: z.enum(['debug', 'info', 'warn', 'error']).default('info'),
});

const KEY_PREFIX = 'CARNIVAL_KEY_';
const SECRETS: ReadonlySet<string> = new Set(['CARNIVAL_WAGON_TOKEN', 'CARNIVAL_JOIN_TOKEN']);

/** The name under which the environment holds a provider's key, without its prefix. */
export const providerKeyName = (provider: string): string => provider.toUpperCase().replace(/[^A-Z0-9]/g, '_');

/** What of the machine the settings depend on. */
export interface Machine {
  hostname: string;
  isFile: (path: string) => boolean;
}

/**
 * Reads flags and environment; a flag wins. An empty variable counts as absent.
 * @throws StartError naming the first setting that is wrong.
 */
export function readSettings(
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
  machine: Machine,
): WagonSettings {
  const { settings, exitWithParent } = readFlags(args);
  const own = withoutEmpty(env);
  // `carnival up` says once how much all its processes tell.
  const { CARNIVAL_LOG_LEVEL: LOG_LEVEL } = own;
  const given = { ...(LOG_LEVEL === undefined ? {} : { LOG_LEVEL }), ...own, ...settings };
  const parsed = settingsSchema.safeParse({ NODE_ID: machine.hostname, ...given });
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw new StartError(`${issue?.path.join('.')} ${issue?.message}`, 2);
  }
  const { data } = parsed;
  const localCarnival = carnivalFolder(data.CARNIVAL_DATA, machine);
  return {
    ...withoutUndefined({
      cluster: clusterPlace(data),
      trace: traceSettings(env),
      ownProviders: exitWithParent ? undefined : providersFromEnvironment(env),
      ringmasterUrl: data.RINGMASTER_URL,
      ringmasterFingerprint: data.RINGMASTER_FINGERPRINT,
      advertiseUrl: data.CARNIVAL_ADVERTISE_URL,
      token: data.CARNIVAL_WAGON_TOKEN,
      joinToken: data.CARNIVAL_JOIN_TOKEN,
      role: data.NODE_ROLE,
      host: data.HOST,
      namespace: data.CARNIVAL_NAMESPACE,
      localCarnival,
    }),
    nodeID: data.NODE_ID,
    nodeIDIsGiven: 'NODE_ID' in given,
    port: data.PORT,
    dataFolder: dataFolder(data, localCarnival),
    maxConcurrentJobs: data.MAX_CONCURRENT_JOBS,
    logLevel: data.LOG_LEVEL,
    exitWithParent,
    providerKeys: providerKeys(env),
  };
}

/** @throws StartError */
function traceSettings(env: Readonly<Record<string, string | undefined>>): TraceSettings | undefined {
  try {
    return readTraceSettings(env);
  } catch (error) {
    throw error instanceof TraceSettingError ? new StartError(error.message, 2) : error;
  }
}

function clusterPlace({
  KUBERNETES_SERVICE_HOST: host,
  KUBERNETES_SERVICE_PORT: port,
  CARNIVAL_ALLOWED_CIDRS: allowedCIDRs,
}: z.output<typeof settingsSchema>): ClusterPlace | undefined {
  return host === undefined ? undefined : { apiServer: `${host.replace(/^\[|\]$/g, '')}:${port}`, allowedCIDRs };
}

/** `carnival up` keeps its kubeconfig in its data folder: that folder is not this wagon's own, but has room for it. */
function carnivalFolder(given: string | undefined, { isFile }: Machine): string | undefined {
  return [given, '.carnival']
    .flatMap((folder) => (folder === undefined ? [] : [atHome(folder)]))
    .find((folder) => isFile(join(folder, 'kubeconfig')));
}

type WithoutUndefined<T> = { [Name in keyof T]?: Exclude<T[Name], undefined> };

function withoutUndefined<T extends Record<string, unknown>>(fields: T): WithoutUndefined<T> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as WithoutUndefined<T>;
}

function withoutEmpty(env: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).flatMap(([name, value]) => (value === undefined || value === '' ? [] : [[name, value]])),
  );
}

/** Where the wagon keeps journal and vault: what it is told, below `wagons` where that is the folder of a `carnival up`. */
function dataFolder(
  { CARNIVAL_DATA: given, NODE_ID: id }: { CARNIVAL_DATA?: string | undefined; NODE_ID: string },
  localCarnival: string | undefined,
): string {
  const own = given === undefined ? undefined : atHome(given);
  return own === undefined || own === localCarnival
    ? join(own ?? resolve('.carnival'), 'wagons', nodeIdToName(id))
    : own;
}

/** Relative to the working folder; `~/` is the home folder, since not every caller is a shell. */
const atHome = (folder: string): string =>
  folder.startsWith('~/') ? join(homedir(), folder.slice(2)) : resolve(folder);

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
    if (name.startsWith(KEY_PREFIX) || SECRETS.has(name) || SECRET_TRACE_VARIABLES.has(name) || KEY_VARIABLES.has(name))
      delete env[name];
  }
}
