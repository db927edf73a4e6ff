import { readFileSync } from 'node:fs';
import { load } from 'js-yaml';
import { z } from 'zod';
import { type Catalogue, catalogueSchema } from '../src/catalogue/catalogue-schema.ts';
import { cataloguePage } from './catalogue-page.ts';

const SOURCE = new URL('../models.yaml', import.meta.url);

/**
 * Reads and checks models.yaml.
 * @throws Error that names every row that breaks the schema.
 */
export function readCatalogue(text: string = readFileSync(SOURCE, 'utf8')): Catalogue {
  const parsed = catalogueSchema.safeParse(load(text));
  if (!parsed.success) throw new Error(`crds/models.yaml: ${z.prettifyError(parsed.error)}`);
  return parsed.data;
}

/** Path from the repository's root → content, for everything that is made of models.yaml. */
export function catalogueFiles(): Map<string, string> {
  const catalogue = readCatalogue();
  return new Map([
    ['crds/src/catalogue/generated/catalogue-data.ts', dataModule(catalogue)],
    ['docs/api/models.md', cataloguePage(catalogue)],
  ]);
}

/** A module and not JSON: it is checked against the type, bundled for browsers, and costs no file to be read at run time. */
function dataModule({ checked, models, environment, ollama }: Catalogue): string {
  const rows = (list: readonly object[]) => list.map((row) => `    ${JSON.stringify(row)},`).join('\n');
  return [
    '// Generated from crds/models.yaml by `npm run generate`: do not edit.',
    "import type { Catalogue } from '../catalogue-schema.ts';",
    '',
    'export const CATALOGUE: Catalogue = {',
    `  checked: ${JSON.stringify(checked)},`,
    '  models: [',
    rows(models),
    '  ],',
    '  environment: [',
    rows(environment),
    '  ],',
    `  ollama: ${JSON.stringify(ollama)},`,
    '};',
    '',
  ].join('\n');
}
