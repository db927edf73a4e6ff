import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import { sendChat, sendJson, sendModels } from './openai-answers.ts';

const MODEL = 'slow-1';

/** One request for an answer, as the endpoint got it. */
export interface ModelCall {
  /** Everything that was said to the model. */
  prompt: string;
  /** Gives the answer; before that, the caller waits. */
  answer: (text: string) => void;
  /** Whether the caller is still there. */
  readonly isOpen: boolean;
}

/** An endpoint of the OpenAI wire that answers when a test says so, and counts what it is asked. */
export interface SlowModel {
  endpoint: string;
  calls: ModelCall[];
  /** Answers every later call at once. */
  answerAll: (text: string) => void;
  /** Refuses every later call with 401 and these words. */
  refuseAll: (message: string) => void;
  /** The call of this number, from 1, once it has come. */
  nth: (number: number) => Promise<ModelCall>;
}

export async function aSlowModel(): Promise<SlowModel> {
  const calls: ModelCall[] = [];
  let instant: string | undefined;
  let refusal: string | undefined;
  const server = createServer(async (request, response) => {
    if (request.url?.endsWith('/models')) {
      sendModels(response, [MODEL]);
      return;
    }
    let body = '';
    for await (const chunk of request) body += chunk;
    if (refusal !== undefined) {
      sendJson(response, 401, { error: { message: refusal, type: 'invalid_request_error' } });
      return;
    }
    const { messages, stream } = JSON.parse(body) as { messages: { content: string }[]; stream?: boolean };
    const call = openCall(messages.map(({ content }) => content).join('\n'), response, stream === true);
    calls.push(call);
    if (instant !== undefined) call.answer(instant);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const nth = async (number: number) => {
    for (let tries = 0; tries < 1000; tries += 1) {
      const call = calls[number - 1];
      if (call !== undefined) return call;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    throw new Error(`call ${number} never came`);
  };
  const answerAll = (text: string) => {
    instant = text;
  };
  const refuseAll = (message: string) => {
    refusal = message;
  };
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    calls,
    answerAll,
    refuseAll,
    nth,
  };
}

function openCall(prompt: string, response: ServerResponse, isStream: boolean): ModelCall {
  return {
    prompt,
    answer: (text) => sendChat(response, { text, model: MODEL, stream: isStream }),
    get isOpen() {
      return !response.writableEnded && !response.destroyed;
    },
  };
}
