import type { Wagon } from '@dark-carnival/crds';
import type { PortClaim } from './ports.ts';
import type { WagonRequest } from './wagons-flag.ts';

const REMEDY = 'stop it, or start with other ports, e.g. --wagons LXC-CORE:CORE=9080';

/** Ports of wagons that are going to be created. */
export const requestedPorts = (wagons: readonly WagonRequest[]): PortClaim[] =>
  wagons.map(({ nodeID, port }) => ({ port, who: `wagon ${nodeID}`, remedy: REMEDY }));

/** Ports of the Process Wagons that the API already has: their objects are not changed by a flag. */
export const declaredPorts = (wagons: readonly Wagon[]): PortClaim[] =>
  wagons.flatMap(({ metadata, spec }) => {
    const port = spec?.runtime?.process?.port;
    const remedy = `stop it, or start with --no-wagons and change spec.runtime.process.port of wagon ${metadata.name}`;
    return port === undefined ? [] : [{ port, who: `wagon ${spec?.nodeID ?? metadata.name}`, remedy }];
  });
