import { nodeIdToName, wagonSpecSchema } from '@dark-carnival/crds';
import { UpError } from './up-error.ts';

/** A wagon that `carnival up` creates where it is missing. */
export interface WagonRequest {
  /** metadata.name */
  name: string;
  nodeID: string;
  role: string;
  /** Port on loopback. */
  port: number;
}

/** The original's three wagons. */
export const DEFAULT_WAGONS = 'LXC-CORE:CORE=8080,LXC-OSINT:OSINT=8081,LXC-MEDIA:MEDIA=8082';
/** Role of a wagon that names none. */
const DEFAULT_ROLE = 'CORE';

const { nodeID: nodeIdSchema, role: roleSchema } = wagonSpecSchema.shape;

/**
 * Reads `NODE_ID[:ROLE]=PORT,…`.
 * @throws UpError with exit code 2: malformed, reserved name, a name or port that comes twice.
 */
export function parseWagonsFlag(text: string): WagonRequest[] {
  const wagons = text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '')
    .map(parseOne);
  if (wagons.length === 0) throw usage('names no wagon; to run none, give --no-wagons');
  refuseTwice(wagons, 'name', (wagon) => wagon.name);
  refuseTwice(wagons, 'port', (wagon) => String(wagon.port));
  return wagons;
}

function parseOne(item: string): WagonRequest {
  const match = /^([^:=]+)(?::([^:=]+))?=(\d{1,5})$/.exec(item);
  const [, nodeID, role = DEFAULT_ROLE, portText] = match ?? [];
  if (nodeID === undefined) throw usage(`"${item}" is not NODE_ID[:ROLE]=PORT`);
  const port = Number(portText);
  if (port < 1 || port > 65_535) throw usage(`port ${portText} of ${nodeID} is not between 1 and 65535`);
  const name = nodeIdToName(nodeID);
  if (name === '' || !nodeIdSchema.safeParse(nodeID).success) throw usage(`"${nodeID}" cannot be a NODE_ID`);
  if (name === 'all') throw usage('the name all is reserved: it means every wagon');
  if (!roleSchema.safeParse(role).success) throw usage(`"${role}" cannot be a role`);
  return { name, nodeID, role, port };
}

function refuseTwice(wagons: WagonRequest[], what: string, of: (wagon: WagonRequest) => string): void {
  const seen = new Set<string>();
  for (const wagon of wagons) {
    if (seen.has(of(wagon))) throw usage(`${what} ${of(wagon)} comes twice`);
    seen.add(of(wagon));
  }
}

const usage = (what: string) => new UpError(`--wagons: ${what} (example: ${DEFAULT_WAGONS})`, 2);
