import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { KubeObject } from '@dark-carnival/crds';
import { CUSTOM_RESOURCE_DEFINITIONS, type KubeClient } from '@dark-carnival/kube';
import { load } from 'js-yaml';
import { z } from 'zod';
import { UpError } from '../up-error.ts';
import { upsert } from './upsert.ts';

const crdSchema = z.looseObject({
  apiVersion: z.literal('apiextensions.k8s.io/v1'),
  kind: z.literal('CustomResourceDefinition'),
  metadata: z.looseObject({ name: z.string() }),
});

/**
 * Brings the generated CRDs to the API server; an equal one is not written.
 * @returns the names of those that were written.
 * @throws UpError where the files are missing or no CRDs: the checkout is incomplete.
 */
export async function applyCrds(client: KubeClient, folder: string): Promise<string[]> {
  const written: string[] = [];
  for (const crd of readCrds(folder)) {
    const outcome = await upsert(client, CUSTOM_RESOURCE_DEFINITIONS, crd);
    if (outcome === 'Created' || outcome === 'Updated') written.push(crd.metadata.name);
  }
  return written;
}

function readCrds(folder: string): KubeObject[] {
  let files: string[];
  try {
    files = readdirSync(folder).filter((file) => file.endsWith('.yaml'));
  } catch {
    files = [];
  }
  if (files.length === 0) throw new UpError(`no CRDs in ${folder}: run \`npm run generate\``);
  return files.map((file) => {
    const parsed = crdSchema.safeParse(load(readFileSync(join(folder, file), 'utf8')));
    if (!parsed.success)
      throw new UpError(`${join(folder, file)} is no CustomResourceDefinition: run \`npm run generate\``);
    return parsed.data as KubeObject;
  });
}
