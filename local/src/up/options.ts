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
  --listen          hub on the LAN: not in this version yet
  -h, --help        this text

Providers are read from the environment, ./.env and ./Self-R/.env, and a local Ollama is found by itself.

Examples:
  npm start
  npm start -- --port 9000 --wagons LXC-CORE:CORE=9080
  carnival up --data /srv/carnival --no-wagons
`;

const FLAGS = {
  data: { type: 'string' },
  port: { type: 'string' },
  'api-port': { type: 'string' },
  wagons: { type: 'string' },
  'no-wagons': { type: 'boolean' },
  listen: { type: 'boolean' },
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
  const flags = readFlags(args);
  if (flags.help) return 'help';
  if (flags.listen) {
    throw new UpError('--listen is not in this version yet: the hub answers on 127.0.0.1 only (use an SSH tunnel)', 2);
  }
  if (flags['no-wagons'] && flags.wagons !== undefined) {
    throw new UpError('--wagons and --no-wagons exclude each other', 2);
  }
  const options = {
    data: flags.data ?? (env['CARNIVAL_DATA'] || '.carnival'),
    hubPort: readPort('--port', flags.port) ?? 8000,
    apiPort: readPort('--api-port', flags['api-port']),
    wagons: flags['no-wagons'] ? undefined : parseWagonsFlag(flags.wagons ?? DEFAULT_WAGONS),
  };
  refuseSharedPort(options);
  return options;
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
