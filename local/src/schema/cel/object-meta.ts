import { readNode, type SchemaNode } from '../structural.ts';

const TEXT = readNode({ type: 'string' });
const META = readNode({ type: 'object', properties: { name: { type: 'string' }, generateName: { type: 'string' } } });

/** A resource whose schema declares all of these itself keeps them as declared, with their limits. */
function declaresMeta({ properties }: SchemaNode): boolean {
  const metadata = properties.get('metadata');
  const texts = [
    properties.get('kind'),
    properties.get('apiVersion'),
    metadata?.properties.get('name'),
    metadata?.properties.get('generateName'),
  ];
  return metadata?.type === 'object' && texts.every((node) => node?.type === 'string');
}

/** `apiVersion`, `kind`, `metadata.name` and `metadata.generateName` are readable at the root of every resource. */
export function withObjectMeta(root: SchemaNode): SchemaNode {
  if (declaresMeta(root)) return root;
  const properties = new Map([...root.properties, ['kind', TEXT], ['apiVersion', TEXT], ['metadata', META]] as const);
  return { ...root, properties };
}
