import { z } from 'zod';
import { PROVIDER_TYPES } from '../v1alpha1/model-provider.ts';

/** The shape of `crds/models.yaml`. It is checked where files are generated; what runs reads the generated copy. */

const id = z.string().regex(/^[\x21-\x7e]{1,128}$/, 'a model id is 1 to 128 printable characters');
const day = z.iso.date();
const dollars = z.string().regex(/^\d+(\.\d{1,6})?$/, 'a price is a decimal string of dollars');
/** Input and output, in US dollars per million tokens. */
const prices = z.tuple([dollars, dollars]);
const variable = z.string().regex(/^[A-Z][A-Z0-9_]{2,63}$/);

const modelSchema = z
  .strictObject({
    type: z.enum(PROVIDER_TYPES),
    id,
    /** Tokens that a question and its answer may have together. */
    context: z.int().positive(),
    /** Tokens that an answer may have. */
    output: z.int().positive(),
    json: z.enum(['Schema', 'Object', 'Text']),
    limit: z.enum(['max_tokens', 'max_completion_tokens']).optional(),
    thinking: z.enum(['None', 'Switch', 'Effort', 'Always']),
    least: z.enum(['none', 'minimal', 'low']).optional(),
    prices: prices.optional(),
    ends: day.optional(),
    replacedBy: id.optional(),
    azure: z.strictObject({ ends: day.optional(), prices: prices.optional() }).optional(),
    source: z.string().min(1),
  })
  .refine(({ thinking, least }) => (thinking === 'Effort') === (least !== undefined), 'Effort needs its least')
  .refine(({ ends, replacedBy }) => ends === undefined || replacedBy !== undefined, 'what ends needs a replacement');

const environmentSchema = z.strictObject({
  /** metadata.name of the ModelProvider. */
  name: z.string().regex(/^[a-z][a-z0-9-]{0,51}$/),
  type: z.enum(PROVIDER_TYPES),
  /** How people call it. */
  label: z.string().min(1).max(40),
  keys: z.array(variable).default([]),
  endpoint: variable,
  azureKeys: z.array(variable).default([]),
  needs: z.literal('Endpoint').optional(),
  key: z.literal('Optional').optional(),
  /** Says which wire a bridge speaks, `openai` or `anthropic`; unset: it is found out. */
  wireVariable: variable.optional(),
  modelVariable: variable,
  model: id.optional(),
});

export const catalogueSchema = z
  .strictObject({
    checked: day,
    models: z.array(modelSchema).min(1).max(300),
    environment: z.array(environmentSchema).min(1).max(32),
    ollama: z.strictObject({ endpoint: variable, modelVariable: variable, suggestedModel: id }),
  })
  .superRefine(({ models, environment }, context) => {
    const say = (message: string) => context.addIssue({ code: 'custom', message });
    const key = ({ type, id: name }: { type: string; id: string }) => `${type} ${name.toLowerCase()}`;
    const known = new Set(models.map(key));
    if (known.size < models.length) say('a model stands there twice');
    for (const { type, id: name, replacedBy } of models) {
      const replacement = models.find((other) => other.type === type && other.id === replacedBy);
      if (replacedBy !== undefined && !replacement) say(`${name} is replaced by ${replacedBy}, which is not there`);
      if (replacement?.replacedBy !== undefined) say(`${name} is replaced by ${replacedBy}, which is itself replaced`);
    }
    for (const { name, type, model } of environment) {
      const family = type === 'AzureOpenAI' ? 'OpenAI' : type;
      if (model !== undefined && family !== 'Claudeson' && !known.has(key({ type: family, id: model })))
        say(`the default model of ${name}, ${model}, is not among the models`);
    }
  });

export type Catalogue = z.output<typeof catalogueSchema>;
/** One model of the catalogue. */
export type CatalogueModel = Catalogue['models'][number];
/** One row of the table of variables. */
export type ProviderVariables = Catalogue['environment'][number];
