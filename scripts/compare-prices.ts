import { readFileSync } from 'node:fs';
import { CATALOGUE, type CatalogueModel, costOfTokens, type ProviderType } from '../crds/src/index.ts';

/**
 * `node scripts/compare-prices.ts FILE`: the catalogue's prices, and costs worked out by them, beside LiteLLM's price table. Nothing here downloads:
 *
 *     pip download --no-deps -d /tmp/litellm litellm==1.110.2
 *     unzip -j /tmp/litellm/litellm-*.whl '*model_prices_and_context_window_backup.json' -d /tmp/litellm
 *     node scripts/compare-prices.ts /tmp/litellm/model_prices_and_context_window_backup.json
 *
 * Ends with 1 where a price differs and is not among the known differences, with 2 where it cannot compare.
 */

/** How LiteLLM spells a family: before the id, the first that it knows. */
const PREFIXES: Partial<Record<ProviderType, readonly string[]>> = {
  Kimi: ['moonshot/'],
  Mistral: ['mistral/'],
  DeepSeek: ['deepseek/', ''],
  OpenAI: ['', 'openai/'],
  Anthropic: ['', 'anthropic/'],
  Gemini: ['gemini/'],
  Groq: ['groq/'],
};

/** `type id` of models whose price differs on purpose, and why. */
const KNOWN_DIFFERENCES: Readonly<Record<string, string>> = {};

/** Calls whose cost is worked out by both: small, long, and of awkward numbers. */
const CALLS = [
  { inputTokens: 1, outputTokens: 1 },
  { inputTokens: 1_234, outputTokens: 567 },
  { inputTokens: 131_071, outputTokens: 8_191 },
  { inputTokens: 1_000_000, outputTokens: 1_000_000 },
];

interface Listed {
  input_cost_per_token?: number;
  output_cost_per_token?: number;
}

const [file] = process.argv.slice(2);
if (file === undefined)
  stop(
    'CANNOT COMPARE: name the file model_prices_and_context_window_backup.json of LiteLLM (how to get it: see the top of this script)',
  );
const table = readTable(file);
const findings = CATALOGUE.models.map((model) => compare(model, table));
for (const { model, differs } of findings.filter((finding) => finding.differs !== undefined))
  console.log(
    `${model.type} ${model.id}: ${differs}${reasonOf(model) === undefined ? '' : ` (known: ${reasonOf(model)})`}`,
  );
const unlisted = findings.filter(({ isListed }) => !isListed).map(({ model }) => `${model.type} ${model.id}`);
const bad = findings.filter(({ model, differs }) => differs !== undefined && reasonOf(model) === undefined);
const listed = findings.length - unlisted.length;
console.log(
  `${listed} of ${findings.length} models are in LiteLLM's table; ${listed - bad.length} have its prices, and ${CALLS.length} costs each that are its own to the millionth of a dollar`,
);
if (unlisted.length > 0) console.log(`not in it: ${unlisted.join(', ')}`);
if (listed === 0) stop('CANNOT COMPARE: the table knows none of our models');
process.exitCode = bad.length > 0 ? 1 : 0;

function reasonOf({ type, id }: CatalogueModel): string | undefined {
  return KNOWN_DIFFERENCES[`${type} ${id}`];
}

function compare(model: CatalogueModel, prices: Record<string, Listed>) {
  const key = (PREFIXES[model.type] ?? [])
    .map((prefix) => prefix + model.id)
    .find((name) => prices[name]?.input_cost_per_token !== undefined);
  const found = key === undefined ? undefined : prices[key];
  return { model, isListed: found !== undefined, differs: found && differenceOf(model, found) };
}

function differenceOf(
  { prices }: CatalogueModel,
  { input_cost_per_token: input = 0, output_cost_per_token: output = 0 }: Listed,
): string | undefined {
  if (prices === undefined) return `no price here, ${perMillion(input)} and ${perMillion(output)} there`;
  const [ours, theirs] = [prices.map(Number), [perMillion(input), perMillion(output)]];
  if (ours.some((price, index) => price !== theirs[index]))
    return `${ours.join(' and ')} here, ${theirs.join(' and ')} there`;
  const [inputPerMillionTokens, outputPerMillionTokens] = prices;
  for (const call of CALLS) {
    const cost = Number(costOfTokens(call, { inputPerMillionTokens, outputPerMillionTokens }));
    const other = (call.inputTokens * input + call.outputTokens * output) * 1e6;
    // Ours is rounded up to a millionth; theirs is a sum of floats.
    if (cost < other - 1e-3 || cost > other + 1 + 1e-3)
      return `${call.inputTokens} and ${call.outputTokens} tokens cost ${cost} millionths here, ${other} there`;
  }
  return undefined;
}

/** Dollars per million tokens, without the noise of a float. */
function perMillion(perToken: number): number {
  return Number((perToken * 1e6).toFixed(6));
}

function readTable(path: string): Record<string, Listed> {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Record<string, Listed>;
  } catch (error) {
    return stop(`CANNOT COMPARE: ${path}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function stop(message: string): never {
  console.error(message);
  process.exit(2);
}
