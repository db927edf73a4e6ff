import { describe, expect, it } from 'vitest';
import { addSpend, costUSD } from './cost.ts';
import { findJson } from './extract-json.ts';
import { endpointOf } from './families.ts';
import { redact } from './redact.ts';

describe('JSON in an answer', () => {
  const find = async (text: string) => (await findJson(text))?.value;

  it.each([
    ['alone', '{"a":1}'],
    ['with white space around it', ' \n{"a":1}\n '],
    ['in a fence', 'Sure:\n```json\n{"a":1}\n```\nBye'],
    ['in prose with braces and quotes of its own', 'He said "{" and {x}. {"a":1} It\'s {done}.'],
    ['after thinking aloud', '<think>{"a":2, "b":3}</think>{"a":1}'],
    ['with a trailing comma', '{"a":1,}'],
    ['in single quotes', "{'a': 1}"],
    ['with a comment', '{"a":1 /* one */}'],
    ['cut off at the end of its last brace', '{"a":1'],
  ])('is found %s', async (_where, text) => {
    expect(await find(text)).toEqual({ a: 1 });
  });

  it('keeps braces and quotes that stand in its strings', async () => {
    const value = { text: 'a } b { c " d \\ e' };
    expect(await find(`x ${JSON.stringify(value)} y`)).toEqual(value);
  });

  it('takes the longest object, since examples are short', async () => {
    expect(await find('Like {"a":0}: {"a":1,"b":{"c":2}}')).toEqual({ a: 1, b: { c: 2 } });
  });

  it('is only ever an object', async () => {
    for (const text of ['', 'no', '[1,2]', '"{}', '42', 'null', '{'])
      expect(typeof (await find(text))).toMatch(/undefined|object/);
    expect(await find('[1,2]')).toBeUndefined();
    expect(await find('just prose')).toBeUndefined();
  });

  it('is looked for in bounded time, however hostile the text', async () => {
    const before = performance.now();
    await findJson('{"'.repeat(200_000));
    await findJson('{}'.repeat(200_000));
    expect(performance.now() - before).toBeLessThan(5000);
  });

  it('says when it had to be mended', async () => {
    expect((await findJson('{"a":1,}'))?.mended).toBe(true);
    expect((await findJson('{"a":1}'))?.mended).toBe(false);
  });
});

describe('money', () => {
  it('is counted in whole millionths of a dollar, rounded up', () => {
    const prices = { inputPerMillionTokens: '0.15', outputPerMillionTokens: '0.60' };
    expect(costUSD({ inputTokens: 1_000_000, outputTokens: 1_000_000 }, prices)).toBe('0.75');
    expect(costUSD({ inputTokens: 1, outputTokens: 0 }, prices)).toBe('0.000001');
    expect(costUSD({ inputTokens: 0, outputTokens: 0 }, prices)).toBe('0');
    expect(
      costUSD(
        { inputTokens: 123_456_789, outputTokens: 987 },
        { inputPerMillionTokens: '15', outputPerMillionTokens: '75' },
      ),
    ).toBe('1851.92586');
  });

  it('adds up, and stays absent where nobody has prices', () => {
    const call = { inputTokens: 1, outputTokens: 2, calls: 1 };
    expect(addSpend(call, call)).toEqual({ inputTokens: 2, outputTokens: 4, calls: 2 });
    expect(addSpend({ ...call, costUSD: '0.1' }, { ...call, costUSD: '0.2' }).costUSD).toBe('0.3');
    expect(addSpend({ ...call, costUSD: '0.1' }, call).costUSD).toBe('0.1');
  });
});

describe('words of an endpoint', () => {
  it('lose every key, also one that is half masked', () => {
    expect(redact('key abc123 refused', ['abc123'])).toBe('key *** refused');
    expect(redact('Incorrect API key provided: sk-proj-abcd****wxyz.', [])).toBe('Incorrect API key provided: ***.');
    expect(redact('Authorization: Bearer eyJhbGciOi.x.y', [])).not.toContain('eyJ');
    expect(redact('AIzaSyA1234567890abcdef', [])).toBe('***');
  });

  it('lose control characters, and are not endless', () => {
    expect(redact('a\u001b[31m\nb', [])).toBe('a [31m b');
    expect([...redact('🌊'.repeat(500), [])]).toHaveLength(200);
  });
});

describe('the place of a provider', () => {
  const at = (grant: object) =>
    endpointOf({ name: 'x', type: 'OpenAICompatible', probeIntervalSeconds: 300, ...grant });

  it('is the public one of its family unless the grant names another', () => {
    expect(at({ type: 'Kimi' })?.baseURL).toBe('https://api.moonshot.ai/v1');
    expect(at({ type: 'Kimi', endpoint: 'https://api.moonshot.cn/v1/' })?.baseURL).toBe('https://api.moonshot.cn/v1');
    expect(at({})).toBeUndefined();
    expect(at({ endpoint: 'not a url' })).toBeUndefined();
  });

  it('is completed as people paste it', () => {
    expect(at({ type: 'Ollama', endpoint: 'http://10.0.0.5:11434/' })?.baseURL).toBe('http://10.0.0.5:11434');
    expect(at({ type: 'Ollama', endpoint: 'http://10.0.0.5:11434/v1' })?.baseURL).toBe('http://10.0.0.5:11434');
    expect(at({ type: 'Claudeson', endpoint: 'http://127.0.0.1:9/' })?.baseURL).toBe('http://127.0.0.1:9/v1');
    expect(at({ type: 'DeepSeek', endpoint: 'https://r.services.ai.azure.com/models' })?.baseURL).toBe(
      'https://r.services.ai.azure.com/openai/v1',
    );
    expect(at({ type: 'AzureOpenAI', endpoint: 'https://r.openai.azure.com/openai/deployments/x' })?.baseURL).toBe(
      'https://r.openai.azure.com/openai/v1',
    );
    expect(at({ type: 'Anthropic', endpoint: 'https://api.anthropic.com/v1' })?.baseURL).toBe(
      'https://api.anthropic.com',
    );
    expect(at({ type: 'Claudeson', wire: 'Anthropic', endpoint: 'http://127.0.0.1:9/v1/' })).toMatchObject({
      baseURL: 'http://127.0.0.1:9',
      wire: 'Anthropic',
    });
  });

  it('is told the key in the header that it knows', () => {
    const headerOf = (grant: object) => at({ apiKey: 'k', ...grant })?.authorization;
    expect(headerOf({ type: 'OpenAI' })).toEqual({ header: 'authorization', value: 'Bearer k' });
    expect(headerOf({ type: 'AzureOpenAI', endpoint: 'https://res.openai.azure.com/openai/v1/' })).toEqual({
      header: 'api-key',
      value: 'k',
    });
    expect(headerOf({ type: 'Kimi', endpoint: 'https://res.services.ai.azure.com/openai/v1/' })?.header).toBe(
      'api-key',
    );
    expect(headerOf({ endpoint: 'https://notazure.com/v1' })?.header).toBe('authorization');
    expect(headerOf({ type: 'Anthropic' })).toEqual({ header: 'x-api-key', value: 'k' });
    expect(at({ type: 'Ollama' })?.authorization).toBeUndefined();
  });
});
