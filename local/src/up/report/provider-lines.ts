import { CATALOGUE } from '@dark-carnival/crds';
import { safeLine } from '@dark-carnival/crds/text';
import type { ProvidersReport } from '../providers/apply-providers.ts';
import type { OllamaResult } from '../providers/ollama.ts';

/** What was noticed while looking for providers: names of variables, never values. */
export interface Remarks {
  /** Set, but leads nowhere. */
  warnings: readonly string[];
  /** Works, but otherwise than it stands there, or not for long. */
  notes: readonly string[];
}

const PULL = `ollama pull ${CATALOGUE.ollama.suggestedModel}`;

/** What is said about providers at the start: which were found and where, never a key. */
export function providerLines(report: ProvidersReport, ollama: OllamaResult, { warnings, notes }: Remarks): string[] {
  const found = report.applied.map(({ provider, outcome }) => {
    const state = outcome === 'Foreign' ? '; an object of that name exists and is left as it is' : '';
    return `provider ${provider.name}: ${safeLine(provider.model ?? 'its newest model', 60)} (${safeLine(provider.foundIn, 120)}${state})`;
  });
  const kept = report.kept.map(
    (name) =>
      `provider ${name}: kept from an earlier start, its variables are gone; remove it: kubectl delete modelprovider/${name} secret/${name}-credentials`,
  );
  return [
    ...found,
    ...kept,
    ...notes.map((line) => `  ${safeLine(line, 200)}`),
    ...warnings.map((line) => `! ${safeLine(line, 160)}`),
    ...(ollama.state === 'NoModel' && !report.rehearsal
      ? [`! Ollama at ${ollama.host} has no model yet: ${PULL}`]
      : []),
    ...rehearsalLines(report, ollama),
  ];
}

function rehearsalLines({ rehearsal }: ProvidersReport, ollama: OllamaResult): string[] {
  if (!rehearsal) return [];
  const why =
    ollama.state === 'NoModel'
      ? `Ollama at ${ollama.host} has no model yet`
      : 'no key in the environment or .env, no local Ollama';
  return [
    '',
    'REHEARSAL: no language model is configured.',
    `  (${why}) Turns, plans and files come from a script, and each of them says so.`,
    '  A free local model, with Ollama (https://ollama.com):',
    `      ${PULL}`,
    '      npm start',
  ];
}
