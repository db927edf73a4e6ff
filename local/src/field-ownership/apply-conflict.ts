import { goQuote } from '../schema/go-text.ts';
import { ApiError } from '../status/api-error.ts';
import { type FieldSet, has, paths } from './field-set.ts';
import { identifierOf, type Owner } from './owner.ts';
import { printPath } from './path-element.ts';

/** A field that another manager owns and an apply would change. */
export interface Conflict {
  owner: Owner;
  path: readonly string[];
}

/** An apply without force would change fields of others. */
export class ApplyConflictError extends Error {
  readonly conflicts: readonly Conflict[];

  constructor(conflicts: readonly Conflict[]) {
    super(messageOf(conflicts));
    this.conflicts = conflicts;
  }

  /** 409 with a cause per field. */
  toApiError(): ApiError {
    const causes = this.conflicts.map(({ owner, path }) => ({
      reason: 'FieldManagerConflict',
      message: `conflict with ${printOwner(owner)}`,
      field: printPath(path),
    }));
    return new ApiError(409, 'Conflict', this.message, { causes });
  }
}

/** The conflicts over these fields of an owner. */
export function conflictsOver(owner: Owner, fields: FieldSet): Conflict[] {
  return [...paths(fields)].map((path) => ({ owner, path }));
}

/** The conflicts over fields that are not in the set. */
export function conflictsOutside(conflicts: readonly Conflict[], allowed: FieldSet): Conflict[] {
  return conflicts.filter(({ path }) => !has(allowed, path));
}

function printOwner({ manager, operation, apiVersion, subresource }: Owner): string {
  const name = subresource ? `${goQuote(manager)} with subresource ${goQuote(subresource)}` : goQuote(manager);
  return operation === 'Update' ? `${name} using ${apiVersion}` : name;
}

function messageOf(conflicts: readonly Conflict[]): string {
  const [only] = conflicts;
  if (only && conflicts.length === 1)
    return `Apply failed with 1 conflict: conflict with ${printOwner(only.owner)}: ${printPath(only.path)}`;
  const owners = [...new Set(conflicts.map(({ owner }) => owner))].sort((a, b) =>
    identifierOf(a) < identifierOf(b) ? -1 : 1,
  );
  const lines = owners.flatMap((owner) => [
    `conflicts with ${printOwner(owner)}:`,
    ...conflicts.filter((conflict) => conflict.owner === owner).map(({ path }) => `- ${printPath(path)}`),
  ]);
  return `Apply failed with ${conflicts.length} conflicts: ${lines.join('\n')}`;
}
