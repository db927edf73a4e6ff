import type { z } from 'zod';

/** The first thing that is wrong, as one line for people. */
export function problemOf(error: z.ZodError): string {
  const [first] = error.issues;
  if (!first) return 'it is not valid';
  const where = first.path.map(String).join('.');
  return where === '' ? first.message : `${where}: ${first.message}`;
}
