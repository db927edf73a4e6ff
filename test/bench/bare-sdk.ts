import OpenAI from 'openai';

/** The SDK as anybody would call it, for comparison: one streamed chat completion, read to its end. @returns the text */
export function bareSdk(baseURL: string, apiKey: string) {
  const client = new OpenAI({ baseURL, apiKey, maxRetries: 0 });
  return async (model: string, system: string, user: string, maxTokens: number): Promise<string> => {
    const stream = await client.chat.completions.create({
      model,
      stream: true,
      stream_options: { include_usage: true },
      max_tokens: maxTokens,
      messages: [
        { role: 'system', content: system },
        { role: 'user', content: user },
      ],
    });
    let text = '';
    for await (const chunk of stream) text += chunk.choices[0]?.delta.content ?? '';
    return text;
  };
}
