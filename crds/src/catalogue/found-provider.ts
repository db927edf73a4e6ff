import type { ProviderType } from '../v1alpha1/model-provider.ts';

/** A provider that the environment, a file or the machine offers. */
export interface FoundProvider {
  name: string;
  type: ProviderType;
  label: string;
  /** Absent for an Ollama that is asked for its newest. */
  model?: string;
  /** Absent: the public one of the family. */
  endpoint?: string;
  /** Wire format of a bridge that speaks another than its family. */
  wire?: 'OpenAI' | 'Anthropic';
  /** What the model costs, where the catalogue knows it. */
  prices?: { inputPerMillionTokens: string; outputPerMillionTokens: string };
  /** Where it was found, for people: names of variables, never values. */
  foundIn: string;
  /** Secret: goes into a Secret or a grant and nowhere else. */
  apiKey?: string;
}
