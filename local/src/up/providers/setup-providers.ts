import { CATALOGUE, findProviders } from '@dark-carnival/crds';
import type { KubeClient } from '@dark-carnival/kube';
import { providerLines } from '../report/provider-lines.ts';
import { applyProviders } from './apply-providers.ts';
import { modelNotes } from './model-notes.ts';
import { findOllama } from './ollama.ts';
import { readSettings } from './settings.ts';

/** Looks for providers everywhere at once; the API is not needed for that. */
export async function discoverProviders(env: Readonly<Record<string, string | undefined>>, cwd: string) {
  const settings = readSettings(env, cwd);
  const { found, warnings, notes } = findProviders(settings);
  const { endpoint, modelVariable } = CATALOGUE.ollama;
  const ollama = await findOllama(settings.get(endpoint)?.value, settings.get(modelVariable)?.value);
  const all = ollama.state === 'Found' ? [...found, ollama.provider] : found;
  return { found: all, warnings, notes: [...notes, ...modelNotes(all, Date.now())], ollama };
}
export type Discovery = Awaited<ReturnType<typeof discoverProviders>>;

/** Brings them to the API, and says what was found. @returns whether no model is configured at all. */
export async function setUpProviders(
  client: KubeClient,
  { found, warnings, notes, ollama }: Discovery,
  print: (line: string) => void,
): Promise<{ rehearsal: boolean }> {
  const report = await applyProviders(client, found);
  for (const line of providerLines(report, ollama, { warnings, notes })) print(line);
  return { rehearsal: report.rehearsal };
}
