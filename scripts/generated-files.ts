import { schemaFiles } from '../crds/scripts/schema-files.ts';
import { phasesPage } from './phases-page.ts';

/** Path from the repository's root → content, for every file that is generated and committed. */
export function generatedFiles(): Map<string, string> {
  return schemaFiles().set('docs/objective-phases.md', phasesPage());
}
