import { safeLine } from '@dark-carnival/crds/text';
import type { ProvidersReport } from '../providers/apply-providers.ts';
import { SUGGESTED_OLLAMA_MODEL } from '../providers/catalogue.ts';
import type { OllamaResult } from '../providers/ollama.ts';

/** What is said about providers at the start: which were found and where, never a key. */
export function providerLines(report: ProvidersReport, ollama: OllamaResult, warnings: readonly string[]): string[] {
  const found = report.applied.map(({ provider, outcome }) => {
    const state = outcome === 'Foreign' ? '; an object of that name exists and is left as it is' : '';
    return `provider ${provider.name}: ${safeLine(provider.model, 60)} (${safeLine(provider.foundIn, 120)}${state})`;
  });
  const kept = report.kept.map(
    (name) =>
      `provider ${name}: kept from an earlier start, its variables are gone; remove it: kubectl delete modelprovider/${name} secret/${name}-credentials`,
  );
  return [...found, ...kept, ...warnings.map((line) => `! ${safeLine(line, 160)}`), ...rehearsalLines(report, ollama)];
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
    `      ollama pull ${SUGGESTED_OLLAMA_MODEL}`,
    '      npm start',
  ];
}
