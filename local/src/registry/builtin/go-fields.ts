import type { GoType } from './go-type.ts';

/** Short words to declare Go structs with. */
export const string: GoType = { kind: 'string' };
export const bool: GoType = { kind: 'bool' };
export const int32: GoType = { kind: 'int32' };
export const int64: GoType = { kind: 'int64' };
export const bytes: GoType = { kind: 'bytes' };
export const time: GoType = { kind: 'time' };
export const microTime: GoType = { kind: 'microTime' };
/** A part that this table does not describe: kept as it is. */
export const any: GoType = { kind: 'any' };

export function mapOf(of: GoType): GoType {
  return { kind: 'map', of };
}

export function listOf(of: GoType): GoType {
  return { kind: 'list', of };
}

export function struct(name: string, fields: { readonly [member: string]: GoType }): GoType {
  return { kind: 'struct', name, fields };
}
