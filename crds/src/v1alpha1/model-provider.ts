import { z } from 'zod';
import { conditionsField, observedGenerationField } from '../meta/condition.ts';
import { API_VERSION, GROUP, VERSION } from '../meta/labels.ts';
import type { KubeObject, ResourceRef } from '../meta/object-meta.ts';
import { integer, list, money, objectName, oneOf, text, VALIDATIONS } from '../schema/fields.ts';
import { type KindDefinition, NAME_LENGTH_RULE, READY_REASON_AND_AGE } from './kind.ts';

/** Model families. `endpoint` is the place; the family decides the wire format and what is known of the models. */
export const PROVIDER_TYPES = [
  'Kimi',
  'Mistral',
  'DeepSeek',
  'OpenAI',
  'AzureOpenAI',
  'Anthropic',
  'Gemini',
  'Groq',
  'Ollama',
  'Claudeson',
  'OpenAICompatible',
  'Rehearsal',
] as const;
export type ProviderType = (typeof PROVIDER_TYPES)[number];

/** What a model turned out to take. */
export const PROVIDER_CAPABILITIES = ['StrictSchema', 'JSONObject', 'Streaming', 'Tools'] as const;
export type ProviderCapability = (typeof PROVIDER_CAPABILITIES)[number];

const prices = z
  .object({
    inputPerMillionTokens: money('inputPerMillionTokens in US dollars.'),
    outputPerMillionTokens: money('outputPerMillionTokens in US dollars.'),
  })
  .meta({
    description:
      'prices turn tokens into status.usage.costUSD; absent: those that docs/api/models.md lists for the model, else cost is not counted.',
  });

const limits = z
  .object({
    requestsPerMinute: integer('requestsPerMinute that one wagon sends at most.', 1, 1_000_000).optional(),
    concurrency: integer('concurrency is how many calls one wagon has open at most.', 1, 1000).optional(),
    firstTokenSeconds: integer(
      'firstTokenSeconds that a model may take before its first sign of life; absent: 120, and 300 for Ollama and bridges.',
      1,
      3600,
    ).optional(),
    tryTimeoutSeconds: integer(
      'tryTimeoutSeconds that one try may take; absent: what the whole call has left, less a share for the next provider.',
      1,
      3600,
    ).optional(),
    maxCostUSDPerDay: money(
      'maxCostUSDPerDay is what all wagons of the namespace may settle with this provider in a UTC day; then it is left out until the next.',
    ).optional(),
  })
  .meta({ description: 'limits that the wagons keep.' });

export const modelProviderSpecSchema = z
  .object({
    type: oneOf('type is the model family.', PROVIDER_TYPES),
    endpoint: text('endpoint is the base URL; absent: the public one of the family.', {
      min: 1,
      max: 512,
      pattern: /^https?:\/\/[^\s]+$/,
    }).optional(),
    wire: oneOf('wire format where the family does not fix it; absent for a bridge: it is found out.', [
      'OpenAI',
      'Anthropic',
    ]).optional(),
    model: text(
      'model is the id (on Azure the deployment) that is asked for; absent for Ollama: the one pulled last.',
      { min: 1, max: 128 },
    ).optional(),
    credentialsSecretRef: z
      .object({
        name: objectName('name of the Secret; it must carry the label darkcarnival.dev/provider-credentials.'),
        key: text('key in the Secret.', { min: 1, max: 253 }),
      })
      .meta({ description: 'credentialsSecretRef points at the key.' })
      .optional(),
    prices: prices.optional(),
    limits: limits.optional(),
    probeIntervalSeconds: integer(
      'probeIntervalSeconds between free health checks from each wagon.',
      10,
      86_400,
    ).default(300),
  })
  .meta({
    [VALIDATIONS]: [
      {
        rule: "self.type in ['Rehearsal', 'Ollama'] || has(self.model)",
        message: 'model is required: only Ollama can be asked for its newest',
      },
      {
        rule: "!(self.type in ['AzureOpenAI', 'OpenAICompatible', 'Claudeson']) || has(self.endpoint)",
        message: 'endpoint is required for this type',
      },
    ],
  });

export const modelProviderStatusSchema = z.object({
  conditions: conditionsField.optional(),
  observedGeneration: observedGenerationField.optional(),
  reachableFrom: text('reachableFrom counts the wagons that reach the provider, such as 2/3.', {
    max: 16,
    pattern: /^\d+\/\d+$/,
  }).optional(),
  models: list('models that the endpoint lists.', text('id of a model.', { max: 128 }), { max: 64 }).optional(),
  carriedToday: z
    .object({
      day: text('day (UTC) that the amount is of.', { max: 10, pattern: /^\d{4}-\d{2}-\d{2}$/ }),
      costUSD: money('costUSD that Objectives took which are deleted.'),
      objectives: list(
        'objectives that are counted in it, by uid; the last ones.',
        text('uid of an Objective.', { max: 64, pattern: /^[a-z0-9-]*$/ }),
        { max: 64 },
      ),
    })
    .meta({
      description:
        'carriedToday counts against limits.maxCostUSDPerDay beside what the Objectives that are there took.',
    })
    .optional(),
  capabilities: list('capabilities found by asking.', oneOf('one capability.', PROVIDER_CAPABILITIES), {
    max: 8,
    type: 'set',
  }).optional(),
});

export type ModelProviderSpec = z.output<typeof modelProviderSpecSchema>;
export type ModelProviderStatus = z.output<typeof modelProviderStatusSchema>;
export type ModelProvider = KubeObject<ModelProviderSpec, ModelProviderStatus>;

export const MODEL_PROVIDERS: ResourceRef = {
  group: GROUP,
  version: VERSION,
  plural: 'modelproviders',
  kind: 'ModelProvider',
  namespaced: true,
};

export const modelProviderKind: KindDefinition = {
  kind: 'ModelProvider',
  plural: 'modelproviders',
  singular: 'modelprovider',
  shortNames: ['mp'],
  description: `ModelProvider is one LLM endpoint that seats and tasks may use (${API_VERSION}).`,
  spec: modelProviderSpecSchema,
  status: modelProviderStatusSchema,
  rootRules: [NAME_LENGTH_RULE],
  columns: [
    { name: 'Type', type: 'string', jsonPath: '.spec.type', description: 'Model family' },
    { name: 'Model', type: 'string', jsonPath: '.spec.model', description: 'Model that is asked for' },
    {
      name: 'Ready',
      type: 'string',
      jsonPath: '.status.conditions[?(@.type=="Ready")].status',
      description: 'Whether a wagon reaches it',
    },
    { name: 'Reachable', type: 'string', jsonPath: '.status.reachableFrom', description: 'Wagons that reach it' },
    ...READY_REASON_AND_AGE,
  ],
  selectableFields: [],
};
