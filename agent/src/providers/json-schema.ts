/** The part of JSON Schema that is sent to models: what OpenAI strict, Kimi's subset, Gemini and llama.cpp's grammar have in common. */
export interface JsonSchema {
  type?: 'object' | 'array' | 'string' | 'integer' | 'number' | 'boolean' | 'null';
  description?: string;
  properties?: Record<string, JsonSchema>;
  required?: string[];
  additionalProperties?: false;
  items?: JsonSchema;
  minItems?: number;
  maxItems?: number;
  enum?: string[];
  anyOf?: JsonSchema[];
  /** Anchored regular expression. Only some models know it; dialects leave it out where it would be refused. */
  pattern?: string;
  /** Code points. Only some models know it; dialects leave it out where it would be refused. */
  minLength?: number;
  /** Code points. Only some models know it; dialects leave it out where it would be refused. */
  maxLength?: number;
}
