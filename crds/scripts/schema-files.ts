import { dump } from 'js-yaml';
import { customResourceDefinition } from '../src/schema/crd.ts';
import { KINDS } from '../src/v1alpha1/kinds.ts';
import { catalogueFiles } from './catalogue-files.ts';
import { referencePage } from './reference-page.ts';

const HEADER = '# Generated from crds/src by `npm run generate`: do not edit.\n';

/** Path from the repository’s root → content, for everything that is made of the schemas and of models.yaml. */
export function schemaFiles(): Map<string, string> {
  const files = catalogueFiles();
  for (const kind of KINDS) {
    const crd = customResourceDefinition(kind);
    // noRefs: equal parts of the schema must not become YAML anchors, which kubectl accepts but people do not.
    files.set(`crds/generated/${crd.metadata.name}.yaml`, HEADER + dump(crd, { lineWidth: -1, noRefs: true }));
    files.set(`docs/api/${kind.singular}.md`, referencePage(kind));
  }
  return files;
}
