import { parseArgs } from 'node:util';
import { StartError } from './start-error.ts';

/** Flags, each another spelling of a variable. Tokens have none: other users of a machine can read arguments. */
export const FLAGS = {
  'ringmaster-url': 'RINGMASTER_URL',
  'ringmaster-fingerprint': 'RINGMASTER_FINGERPRINT',
  'node-id': 'NODE_ID',
  role: 'NODE_ROLE',
  port: 'PORT',
  host: 'HOST',
  'advertise-url': 'CARNIVAL_ADVERTISE_URL',
  'redis-url': 'REDIS_URL',
  data: 'CARNIVAL_DATA',
  namespace: 'CARNIVAL_NAMESPACE',
  'max-jobs': 'MAX_CONCURRENT_JOBS',
  'log-level': 'LOG_LEVEL',
} as const;

export const WAGON_HELP = `Usage: carnival wagon [options]

Runs one wagon on this machine. With a join token it joins a hub, here or elsewhere; afterwards it knows itself by its data folder, and needs none.

Options (each is also a variable, in the environment, ./.env or ./Self-R/.env; a flag wins):
  --node-id ID                    NODE_ID: name of the wagon (default: the host name)
  --role ROLE                     NODE_ROLE: CORE, OSINT, MEDIA, or your own (default: the join token's, else CORE)
  --port N                        PORT: 0 is any free one (default: 8080)
  --host ADDRESS                  HOST: address to listen on (default: every one for a hub elsewhere, else 127.0.0.1); off loopback with TLS
  --advertise-url URL             CARNIVAL_ADVERTISE_URL: where the hub reaches it, when that is not what it listens on
  --ringmaster-url URL            RINGMASTER_URL: the hub (default: the join token's)
  --ringmaster-fingerprint SHA    RINGMASTER_FINGERPRINT: of the hub's certificate (default: the join token's)
  --data DIR                      CARNIVAL_DATA: folder of vault, journal and identity (default: .carnival/wagons/<name>)
  --namespace NAME                CARNIVAL_NAMESPACE: must be the join token's
  --max-jobs N                    MAX_CONCURRENT_JOBS: assignments at once (default: 2)
  --redis-url URL                 REDIS_URL: taken for the memory of a later version
  --log-level LEVEL               LOG_LEVEL: debug, info, warn, error (default: info)
  -h, --help                      this text

Secrets have no flag, since other users of a machine can read arguments:
  CARNIVAL_JOIN_TOKEN             made by \`carnival join-token create\` where the hub is
  CARNIVAL_WAGON_TOKEN            for a wagon that was declared: the content of its Secret
  CARNIVAL_KEY_<PROVIDER>         a key of this wagon's own, for a provider that is granted without one
  KIMI_API_KEY and the like       make providers of this wagon's own (docs/providers.md lists them)

CARNIVAL_ALLOWED_CIDRS            in a Pod: private ranges that providers may be in, such as 10.20.0.0/16

Where neither is given and a \`carnival up\` runs on this machine ($CARNIVAL_DATA or ./.carnival), it is asked for a join token.

Examples:
  CARNIVAL_JOIN_TOKEN=carnival-join.… carnival wagon --role OSINT
  carnival wagon --port 8081 --role OSINT
  ./launch_node.sh 8081 OSINT
`;

/** @throws StartError for what is no flag. */
export function readFlags(args: readonly string[]): { settings: Record<string, string>; exitWithParent: boolean } {
  const secret = args.find((arg) => /^--(join-)?token(=|$)/.test(arg));
  if (secret !== undefined) {
    const name = secret.startsWith('--join') ? 'CARNIVAL_JOIN_TOKEN' : 'CARNIVAL_WAGON_TOKEN';
    throw new StartError(
      `a token is no argument, other users could read it: set ${name} in the environment or .env`,
      2,
    );
  }
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
    const message = error instanceof Error ? (error.message.split(/\. |\n/)[0] ?? error.message) : String(error);
    throw new StartError(`${message} (carnival wagon --help lists what there is)`, 2);
  }
}
