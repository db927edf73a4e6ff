import { afterAll } from 'vitest';
import { KEY, openAIAt, pool } from './testing/openai-bench.ts';
import {
  brokenChatStream,
  chatStream,
  errorInChatStream,
  modelList,
  openAIError,
  refusalChatStream,
  thinkingChatStream,
} from './testing/openai-fixtures.ts';
import { describeWire } from './testing/provider-conformance.ts';

afterAll(() => pool.close());

const rate = {
  message: 'Rate limit reached for fixture-model',
  type: 'requests',
  param: null,
  code: 'rate_limit_exceeded',
};

describeWire({
  name: 'The OpenAI wire',
  key: KEY,
  keyHeader: 'authorization',
  make: (url) => openAIAt(url),
  answer: (text) => chatStream(text),
  answerWithoutUsage: (text) => chatStream(text, { usage: 'missing' }),
  cutOff: (text) => chatStream(text, { finish: 'length' }),
  filtered: (text) => chatStream(text, { finish: 'content_filter' }),
  refusal: refusalChatStream,
  thinking: thinkingChatStream,
  broken: brokenChatStream,
  errorInStream: errorInChatStream,
  models: modelList('other-model', 'fixture-model'),
  failures: {
    'a key that is refused': {
      reply: openAIError(401, {
        message: 'Incorrect API key provided',
        type: 'invalid_request_error',
        code: 'invalid_api_key',
      }),
      kind: 'unauthorized',
      retryable: false,
    },
    'a key without the right': {
      reply: openAIError(403, { message: 'no access' }),
      kind: 'unauthorized',
      retryable: false,
    },
    'a rate limit': { reply: openAIError(429, rate), kind: 'rate-limited', retryable: true },
    'an empty purse': {
      reply: openAIError(429, {
        message: 'You exceeded your current quota',
        type: 'insufficient_quota',
        code: 'insufficient_quota',
      }),
      kind: 'quota',
      retryable: false,
    },
    "DeepSeek's empty purse": {
      reply: openAIError(402, { message: 'Insufficient Balance' }),
      kind: 'quota',
      retryable: false,
    },
    'a model that is gone': {
      reply: openAIError(404, { message: 'The model `x` does not exist', code: 'model_not_found' }),
      kind: 'not-found',
      retryable: false,
    },
    'a prompt that is too long': {
      reply: openAIError(400, {
        message: "This model's maximum context length is 8192 tokens",
        code: 'context_length_exceeded',
      }),
      kind: 'bad-request',
      retryable: false,
    },
    'a server that is broken': {
      reply: { status: 500, chunks: ['Internal Server Error'] },
      kind: 'overloaded',
      retryable: true,
    },
    'a gateway that shows a page': {
      reply: {
        status: 502,
        headers: { 'content-type': 'text/html' },
        chunks: ['<html><h1>502 Bad Gateway</h1></html>'],
      },
      kind: 'overloaded',
      retryable: true,
    },
    'an answer that is cut in the middle of its JSON': {
      reply: { status: 200, headers: { 'content-type': 'text/event-stream' }, chunks: ['data: {"id": "chat\n\n'] },
      kind: 'unusable',
      retryable: true,
    },
  },
});
