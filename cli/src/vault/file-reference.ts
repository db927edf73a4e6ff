import type { HubVaultList } from '@dark-carnival/crds';
import { safeLine } from '@dark-carnival/crds/text';
import { CliError } from '../cli-error.ts';

export type VaultFile = HubVaultList['files'][number];

/**
 * The file that `node/objective/path` names, or `objective/path` where only one wagon has it. A node is spelled as a name or as a NODE_ID.
 * @throws CliError where none fits, or several do.
 */
export function findFile({ files, unreachable }: HubVaultList, reference: string): VaultFile {
  const wanted = reference.replace(/^\/+/, '');
  const exact = files.filter(({ node, file }) => same(`${node}/${file}`, wanted) || file === wanted);
  const [first, second] = exact;
  if (first && !second) return first;
  if (first) {
    const where = exact.map(({ node, file }) => `${node}/${safeLine(file, 255)}`).join(', ');
    throw new CliError(`several wagons have ${safeLine(wanted, 255)}: name one of ${where}`);
  }
  const similar = files.filter(({ file }) => file.endsWith(`/${wanted}`)).slice(0, 3);
  const hint =
    similar.length > 0
      ? `did you mean ${similar.map(({ node, file }) => `${node}/${safeLine(file, 255)}`).join(' or ')}?`
      : 'carnival vault ls lists what there is';
  const silent = unreachable.length > 0 ? ` (${unreachable.map(({ node }) => node).join(', ')} did not answer)` : '';
  throw new CliError(`no file ${safeLine(wanted, 255)} in the vault${silent}: ${hint}`);
}

/** Only the node's part may be spelled in capitals. */
function same(full: string, wanted: string): boolean {
  const slash = wanted.indexOf('/');
  return full === wanted.slice(0, slash).toLowerCase() + wanted.slice(slash);
}
