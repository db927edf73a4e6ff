import { isJsonObject, type JsonObject } from '../schema/index.ts';
import { builtinColumns } from './builtin-columns.ts';
import type { Column, PrinterColumn } from './columns.ts';
import { customColumns } from './custom-columns.ts';

export type { BuiltinTable } from './builtin-columns.ts';
export type { PrinterColumn } from './columns.ts';
export { humanDuration } from './human-duration.ts';
export { compileJsonPath, type JsonPath } from './json-path.ts';

/** How much of each object goes along with its row. */
export type IncludeObject = 'Metadata' | 'None' | 'Object';

/** What a Table is made of: the columns come from a CRD (`columns`) or from a built-in resource (`builtin`, its plural). */
export interface TableInput {
  columns?: readonly PrinterColumn[];
  builtin?: string;
  includeObject: IncludeObject;
  now: Date;
  /** The metadata of the list, or of the object where it stands alone: resourceVersion, continue, remainingItemCount go on. */
  listMeta: JsonObject;
  /** A watch sends the column definitions with its first row only. */
  withoutHeaders?: boolean;
}

const LIST_META = ['resourceVersion', 'continue', 'remainingItemCount'] as const;

function rowObject(object: JsonObject, include: IncludeObject): JsonObject | null {
  if (include === 'None') return null;
  if (include === 'Object') return object;
  const metadata = isJsonObject(object['metadata']) ? object['metadata'] : {};
  return { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata };
}

function tableMeta(listMeta: JsonObject): JsonObject {
  const metadata: JsonObject = {};
  for (const key of LIST_META) {
    const value = listMeta[key];
    if (value !== undefined && value !== '') metadata[key] = value;
  }
  return metadata;
}

/** A Table without its rows, and what makes each of them. */
export interface TableRows {
  /** All members but `rows`, which come last. */
  head: JsonObject;
  row(object: JsonObject): JsonObject;
}

/** A `meta.k8s.io/v1` Table, which is what `kubectl get` prints, to be written row by row. @throws SyntaxError for a column whose path cannot be read. */
export function tableRows(input: TableInput): TableRows {
  const columns: Column[] = input.columns ? customColumns(input.columns) : builtinColumns(input.builtin ?? '');
  return {
    head: {
      kind: 'Table',
      apiVersion: 'meta.k8s.io/v1',
      metadata: tableMeta(input.listMeta),
      columnDefinitions: input.withoutHeaders ? null : columns.map(({ definition }) => ({ ...definition })),
    },
    row: (object) => ({
      cells: columns.map((column) => column.cell(object, input.now)),
      object: rowObject(object, input.includeObject),
    }),
  };
}
