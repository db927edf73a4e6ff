import type { Catalogue, CatalogueModel, ProviderVariables } from '../src/catalogue/catalogue-schema.ts';

/** The reference page of models.yaml: what is known of each model, and which variable stands for what. */
export function cataloguePage({ checked, models, environment, ollama }: Catalogue): string {
  const types = [...new Set(models.map(({ type }) => type))];
  return [
    '<!-- Generated from crds/models.yaml by `npm run generate`: do not edit. -->',
    '# Models and variables',
    '',
    `Looked up on ${checked}. What to do with it stands in [providers.md](../providers.md). A model that is not here works too: nothing is`,
    'known of its price then, and how it takes a question for JSON is found out with the first call.',
    '',
    '## Variables',
    '',
    'From the environment, `.env` and `Self-R/.env`, in this order; in the order of the default chain.',
    '',
    '| provider | type | key | endpoint | key of an Azure endpoint | model | model where nobody says |',
    '|---|---|---|---|---|---|---|',
    ...environment.map(variablesRow),
    `| \`ollama\` | Ollama | | \`${ollama.endpoint}\` (unset: 127.0.0.1:11434) | | \`${ollama.modelVariable}\` | the one pulled last |`,
    '',
    '## Models',
    '',
    'Prices in US dollars per million tokens of input and output. `ends` is the first day without the model.',
    '',
    ...types.flatMap((type) => [
      `### ${type}`,
      '',
      '| id | context | answer | JSON by | thinking | price | ends | then | on Azure | source |',
      '|---|---|---|---|---|---|---|---|---|---|',
      ...models.filter((model) => model.type === type).map(modelRow),
      '',
    ]),
  ].join('\n');
}

const code = (words: readonly string[]) => words.map((word) => `\`${word}\``).join(', ');

function variablesRow({
  name,
  type,
  keys,
  endpoint,
  azureKeys,
  needs,
  modelVariable,
  model,
}: ProviderVariables): string {
  const place = `${code([endpoint])}${needs ? ' (required)' : ''}`;
  const cells = [
    code([name]),
    type,
    code(keys),
    place,
    code(azureKeys),
    code([modelVariable]),
    model ? code([model]) : '(required)',
  ];
  return `| ${cells.join(' | ')} |`;
}

function modelRow(model: CatalogueModel): string {
  const { id, context, output, json, thinking, least, prices, ends = '', replacedBy, azure, source } = model;
  const onAzure = [azure?.ends ? `ends ${azure.ends}` : '', azure?.prices?.join(' / ') ?? '']
    .filter(Boolean)
    .join('; ');
  const cells = [
    code([id]),
    context.toLocaleString('en'),
    output.toLocaleString('en'),
    json,
    least ? `${thinking}, least \`${least}\`` : thinking,
    prices?.join(' / ') ?? 'not known',
    ends,
    replacedBy ? code([replacedBy]) : '',
    onAzure,
    source,
  ];
  return `| ${cells.join(' | ')} |`;
}
