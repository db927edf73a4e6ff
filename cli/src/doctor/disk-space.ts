import { existsSync, statfsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { byteSize } from '../terminal/age.ts';
import type { Check } from './check.ts';
import { ok, problem, warning } from './finding.ts';

const LOW_BYTES = 1_000_000_000;
const NONE_BYTES = 200_000_000;

/** Room in the data folder of the engine on this machine; nothing to say where the API server is elsewhere. */
export const checkDiskSpace: Check = ({ session }) => {
  const folder = dirname(session.config.source);
  if (!existsSync(join(folder, 'state.db'))) return [];
  const { bavail, bsize } = statfsSync(folder);
  const free = bavail * bsize;
  const words = `${byteSize(free)} are free in ${folder}`;
  const remedy = 'make room: carnival vault ls shows the largest; a full disk loses nothing, and stops everything';
  if (free < NONE_BYTES) return [problem('disk', words, remedy)];
  return [free < LOW_BYTES ? warning('disk', words, remedy) : ok('disk', words)];
};
