import type { JsonObject } from './json/json.ts';

/** The Kubernetes minor whose behaviour this server follows, said so that nobody takes it for the real one. */
export const GIT_VERSION = 'v1.34.0-carnival-local';

/** `/version`. kubectl compares its own minor with this one. */
export const VERSION: JsonObject = {
  major: '1',
  minor: '34',
  emulationMajor: '1',
  emulationMinor: '34',
  minCompatibilityMajor: '1',
  minCompatibilityMinor: '33',
  gitVersion: GIT_VERSION,
  gitCommit: '',
  gitTreeState: '',
  buildDate: '1970-01-01T00:00:00Z',
  goVersion: `node ${process.version}`,
  compiler: 'node',
  platform: `${process.platform}/${process.arch}`,
};
