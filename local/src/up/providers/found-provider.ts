import type { ProviderType } from '@dark-carnival/crds';

/** A provider that the environment, a file or the machine offers. */
export interface FoundProvider {
  name: string;
  type: ProviderType;
  label: string;
  model: string;
  /** Absent: the public one of the family. */
  endpoint?: string;
  /** Wire format of a bridge that speaks another than its family. */
  wire?: 'OpenAI' | 'Anthropic';
  /** Where it was found, for people: names of variables, never values. */
  foundIn: string;
  /** Secret: goes into a Secret and nowhere else. */
  apiKey?: string;
}
