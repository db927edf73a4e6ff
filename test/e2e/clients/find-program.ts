import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/**
 * A program that a test can do without: the one that the environment variable of its name in capitals gives, else the one of the envtest
 * folder or of the PATH; undefined where there is none. @throws when the variable names a file that is not there
 */
export function findProgram(name: string, env: NodeJS.ProcessEnv = process.env): string | undefined {
  const variable = name.toUpperCase();
  const named = env[variable];
  if (named) {
    if (!existsSync(named)) throw new Error(`${variable}=${named} does not exist`);
    return named;
  }
  return [env['KUBEBUILDER_ASSETS'] ?? '', ...(env['PATH'] ?? '').split(delimiter)]
    .filter((folder) => folder !== '')
    .map((folder) => join(folder, name))
    .find(existsSync);
}
