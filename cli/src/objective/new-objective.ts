import { API_VERSION, LABELS, nodeIdToName, type Objective, type ObjectiveSpecInput } from '@dark-carnival/crds';
import { loadAll } from 'js-yaml';
import { z } from 'zod';
import { usageError } from '../cli-error.ts';
import { slugOf } from './slug.ts';

/** An Objective that is about to be created: defaults are the server's. */
export interface ObjectiveManifest {
  apiVersion: string;
  kind: 'Objective';
  metadata: { name: string; namespace: string; labels?: Record<string, string>; annotations?: Record<string, string> };
  spec: ObjectiveSpecInput;
}

export interface RunFlags {
  name?: string;
  wagon?: string;
  role?: string;
}

const MAX_DIRECTIVE_BYTES = 16_384;

/**
 * An Objective from a sentence.
 * @throws CliError (usage) for an empty or too long directive, and for flags that exclude each other.
 */
export function fromDirective(directive: string, flags: RunFlags, namespace: string): ObjectiveManifest {
  const goal = directive.trim();
  if (goal === '') throw usageError('the goal is empty: carnival run "Plan a tide chart for a small harbour"');
  const bytes = Buffer.byteLength(goal, 'utf8');
  if (bytes > MAX_DIRECTIVE_BYTES) {
    throw usageError(
      `the goal has ${bytes} bytes, and ${MAX_DIRECTIVE_BYTES} is the limit: put the material into a ConfigMap and name it in spec.context`,
    );
  }
  return {
    apiVersion: API_VERSION,
    kind: 'Objective',
    metadata: { name: flags.name ?? slugOf(goal), namespace },
    spec: { directive: goal, ...placement(flags) },
  };
}

function placement({ wagon, role }: RunFlags): Pick<ObjectiveSpecInput, 'wagonName' | 'wagonSelector'> {
  if (wagon !== undefined && role !== undefined) throw usageError('--wagon and --role exclude each other');
  if (wagon !== undefined) return { wagonName: nodeIdToName(wagon) };
  return role === undefined ? {} : { wagonSelector: { matchLabels: { [LABELS.role]: role } } };
}

/** What a file has to be to count as a manifest; what is in spec is the server's to check. */
const manifestSchema = z.looseObject({
  apiVersion: z.string(),
  kind: z.string(),
  metadata: z.looseObject({ name: z.string().optional(), namespace: z.string().optional() }).optional(),
  spec: z.looseObject({ directive: z.string() }).optional(),
});

/**
 * An Objective from a file: a manifest as `kubectl apply` takes it, or simply the goal as text.
 * @throws CliError (usage) when a manifest is of another kind, or holds several objects.
 */
export function fromFile(content: string, flags: RunFlags, namespace: string): ObjectiveManifest {
  const manifest = readManifest(content);
  if (!manifest) return fromDirective(content, flags, namespace);
  if (manifest.kind !== 'Objective')
    throw usageError(`the file holds a ${manifest.kind}: carnival run takes an Objective`);
  const named = manifest.metadata?.namespace;
  if (named !== undefined && named !== namespace) {
    throw usageError(`the file says namespace ${named}, the command ${namespace}: give -n ${named}`);
  }
  const spec = { ...manifest.spec, directive: manifest.spec?.directive ?? '', ...placement(flags) };
  const name = flags.name ?? manifest.metadata?.name ?? slugOf(spec.directive);
  return {
    apiVersion: manifest.apiVersion,
    kind: 'Objective',
    metadata: { ...manifest.metadata, name, namespace },
    spec: spec as ObjectiveSpecInput,
  };
}

/** @returns undefined for plain text, which may well be YAML by accident. */
function readManifest(content: string): z.output<typeof manifestSchema> | undefined {
  let documents: unknown[];
  try {
    documents = loadAll(content).filter((document) => document !== null && document !== undefined);
  } catch {
    return undefined;
  }
  const parsed = documents.map((document) => manifestSchema.safeParse(document));
  if (!parsed.some(({ success }) => success)) return undefined;
  if (parsed.length > 1)
    throw usageError('the file holds several objects: carnival run takes one (kubectl apply takes all)');
  return parsed[0]?.data;
}

/** The manifest under the caller's name: in a cluster, separation of duties goes by it. */
export function requestedBy(manifest: ObjectiveManifest, username: string): Objective {
  const spec = { requestedBy: username, ...manifest.spec };
  return { ...manifest, spec } as unknown as Objective;
}
