import { describe, expect, it } from 'vitest';
import { VALIDATIONS } from '../schema/fields.ts';
import { modelProviderSpecSchema, PROVIDER_TYPES } from './model-provider.ts';
import { endpointHost, PUBLIC_ENDPOINTS } from './public-endpoints.ts';

describe('the place of a provider', () => {
  it('is public, or the schema asks for it', () => {
    const rules = JSON.stringify(modelProviderSpecSchema.meta()?.[VALIDATIONS]);
    const mustName = /!\(self\.type in \[([^\]]*)\]/.exec(rules)?.[1] ?? '';
    for (const type of PROVIDER_TYPES.filter((each) => each !== 'Rehearsal')) {
      expect([type, mustName.includes(`'${type}'`)]).toEqual([type, PUBLIC_ENDPOINTS[type] === undefined]);
    }
  });

  it('has the host that a key may go to', () => {
    expect(endpointHost({ type: 'Kimi' })).toBe('api.moonshot.ai');
    expect(endpointHost({ type: 'Kimi', endpoint: 'https://Own.Example:8443/v1' })).toBe('own.example');
    expect(endpointHost({ type: 'Ollama' })).toBe('127.0.0.1');
    expect(endpointHost({ type: 'Claudeson' })).toBeUndefined();
    expect(endpointHost({ type: 'OpenAI', endpoint: 'nonsense' })).toBeUndefined();
  });
});
