import { goJson, type JsonObject, type JsonValue } from '../schema/index.ts';
import { type Column, CREATED_DESCRIPTION, define, NAME_DESCRIPTION, type PrinterColumn } from './columns.ts';
import { ageOf } from './human-duration.ts';
import { compileJsonPath } from './json-path.ts';

const NAME: Column = {
  definition: define('Name', NAME_DESCRIPTION, { format: 'name' }),
  cell: (object) => metadataOf(object)['name'] ?? '',
};
/** A CRD that names no columns shows its objects' age. */
const AGE: PrinterColumn = {
  name: 'Age',
  type: 'date',
  jsonPath: '.metadata.creationTimestamp',
  description: CREATED_DESCRIPTION,
};

function metadataOf(object: JsonObject): JsonObject {
  const { metadata } = object;
  return typeof metadata === 'object' && metadata !== null && !Array.isArray(metadata) ? metadata : {};
}

/** A found value as a cell of the column's type; a value of another type shows as nothing. */
function cellOf(type: string, value: JsonValue | undefined, now: Date): JsonValue {
  if (value === undefined || value === null) return null;
  if (type === 'string') return typeof value === 'string' ? value : goJson(value);
  if (type === 'date') return typeof value === 'string' ? ageOf(value, now) : null;
  if (type === 'boolean') return typeof value === 'boolean' ? value : null;
  if (typeof value !== 'number') return null;
  return type === 'integer' ? Math.trunc(value) : value;
}

function customColumn(column: PrinterColumn): Column {
  const path = compileJsonPath(column.jsonPath);
  const description =
    column.description || `Custom resource definition column (in JSONPath format): ${column.jsonPath}`;
  return {
    definition: define(column.name, description, {
      type: column.type,
      format: column.format ?? '',
      priority: column.priority ?? 0,
    }),
    cell: (object, now) => cellOf(column.type, path(object)[0], now),
  };
}

/** The columns of a custom resource: its name, then those of its CRD, else its age. @throws SyntaxError for a path that cannot be read. */
export function customColumns(columns: readonly PrinterColumn[]): Column[] {
  return [NAME, ...(columns.length > 0 ? columns : [AGE]).map(customColumn)];
}
