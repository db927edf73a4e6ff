import { isIP } from 'node:net';
import { parseArgs } from 'node:util';
import { UpError } from './up-error.ts';
import { DEFAULT_WAGONS, parseWagonsFlag, type WagonRequest } from './wagons-flag.ts';

/** What the command line of `carnival up` asks for. */
export interface UpOptions {
  /** Data folder, as given. */
  data: string;
  hubPort: number;
  /** undefined: the one of the last start where it is free, else any free one. */
  apiPort: number | undefined;
  /** Address of this machine on which the hub is reached from others; undefined: loopback alone. */
  listen: string | undefined;
  /** Further names of the hub, for people and its certificate. */
  hubNames: readonly string[];
  /** Wagons to create where they are missing; undefined: create and run none. */
  wagons: WagonRequest[] | undefined;
}

export const UP_HELP = `Usage: carnival up [options]        (the same as: npm start -- [options])

Starts everything on this machine: the local API server, the Ringmaster hub, and a process for each Wagon.
Ctrl-C stops it all; started again it goes on where it was.

Options:
  --data DIR        data folder; holds the kubeconfig, the database, vaults and logs (default: $CARNIVAL_DATA, else .carnival)
  --port N          port of the hub (default: 8000)
  --api-port N      port of the Kubernetes API (default: any free one)
  --wagons LIST     NODE_ID[:ROLE]=PORT,…: creates those that are missing, changes none that exists
                    (default: ${DEFAULT_WAGONS})
  --no-wagons       creates and runs no wagon
  --listen [IP]     hub on the LAN too, with https; wagons of other machines can join (default address: every one)
  --hub-name NAMES  names of the hub besides the host name, with commas; the first is the one that others are told
  -h, --help        this text

Providers are read from the environment, ./.env and ./Self-R/.env, and a local Ollama is found by itself.

Examples:
  npm start
  npm start -- --port 9000 --wagons LXC-CORE:CORE=9080
  carnival up --data /srv/carnival --no-wagons
  carnival up --listen --hub-name hub.lan
`;

const FLAGS = {
  data: { type: 'string' },
  port: { type: 'string' },
  'api-port': { type: 'string' },
  wagons: { type: 'string' },
  'no-wagons': { type: 'boolean' },
  listen: { type: 'string' },
  'hub-name': { type: 'string' },
  help: { type: 'boolean', short: 'h' },
} as const;

/**
 * Reads the command line.
 * @returns 'help' when that is all that is wanted.
 * @throws UpError with exit code 2.
 */
export function parseUpOptions(
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): UpOptions | 'help' {
  const flags = readFlags(withListenAddress(args));
  if (flags.help) return 'help';
  if (flags['no-wagons'] && flags.wagons !== undefined) {
    throw new UpError('--wagons and --no-wagons exclude each other', 2);
  }
  const options = {
    data: flags.data ?? (env['CARNIVAL_DATA'] || '.carnival'),
    hubPort: readPort('--port', flags.port) ?? 8000,
    apiPort: readPort('--api-port', flags['api-port']),
    ...readListen(flags),
    wagons: flags['no-wagons'] ? undefined : parseWagonsFlag(flags.wagons ?? DEFAULT_WAGONS),
  };
  refuseSharedPort(options);
  return options;
}

const EVERY_ADDRESS = '0.0.0.0';

/** `--listen` alone means every address: the parser knows no optional values. */
function withListenAddress(args: readonly string[]): string[] {
  return args.map((arg, index) => {
    const next = args[index + 1];
    return arg === '--listen' && (next === undefined || next.startsWith('-')) ? `--listen=${EVERY_ADDRESS}` : arg;
  });
}

const HOST_NAME = /^[A-Za-z0-9]([-A-Za-z0-9.]{0,251}[A-Za-z0-9])?$/;

function readListen(flags: { listen?: string | undefined; 'hub-name'?: string | undefined }) {
  const { listen, 'hub-name': given = '' } = flags;
  if (listen !== undefined && isIP(listen) === 0) {
    throw new UpError(`--listen ${listen}: name an IP address of this machine, or none for every one`, 2);
  }
  if (listen === undefined && given !== '')
    throw new UpError('--hub-name is for a hub on the LAN: give --listen too', 2);
  const hubNames = given.split(',').filter((name) => name !== '');
  const wrong = hubNames.find((name) => !HOST_NAME.test(name) && isIP(name) === 0);
  if (wrong !== undefined) throw new UpError(`--hub-name: "${wrong}" is no host name`, 2);
  return { listen, hubNames };
}

function readFlags(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: FLAGS, strict: true, allowPositionals: false }).values;
  } catch (error) {
    const [line = ''] = (error instanceof Error ? error.message : String(error)).split('\n');
    throw new UpError(`${line.split('. To specify')[0]} (carnival up --help lists what there is)`, 2);
  }
}

function readPort(flag: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (port < 1 || port > 65_535) throw new UpError(`${flag} ${text}: a port is a number from 1 to 65535`, 2);
  return port;
}

function refuseSharedPort({ hubPort, apiPort, wagons }: UpOptions): void {
  const taken = new Map([[hubPort, 'the hub']]);
  const claim = (port: number, who: string) => {
    const other = taken.get(port);
    if (other) throw new UpError(`port ${port} is asked for twice: by ${other} and by ${who}`, 2);
    taken.set(port, who);
  };
  if (apiPort !== undefined) claim(apiPort, 'the API server');
  for (const wagon of wagons ?? []) claim(wagon.port, `wagon ${wagon.nodeID}`);
}
