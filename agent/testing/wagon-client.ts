import {
  type Assignment,
  type JobStatus,
  jobStatusSchema,
  type WagonEvent,
  wagonEventSchema,
} from '@dark-carnival/crds';

/** A caller of a wagon's routes, as a test needs one. */
export class WagonClient {
  readonly url: string;
  readonly #token: string;

  constructor(url: string, token: string) {
    this.url = url;
    this.#token = token;
  }

  /** Sends a request with the token; a body goes as JSON unless it is text. */
  async call(method: string, path: string, body?: unknown, headers: Record<string, string> = {}) {
    const response = await fetch(this.url + path, {
      method,
      headers: {
        authorization: `Bearer ${this.#token}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, headers: response.headers, text, json: parse(text) };
  }

  putJob(job: Assignment) {
    return this.call('PUT', `/api/jobs/${job.id}`, job);
  }

  async job(id: string): Promise<JobStatus> {
    return jobStatusSchema.parse((await this.call('GET', `/api/jobs/${id}`)).json);
  }

  /** Polls a job until it fits. */
  async jobWhen(id: string, fits: (status: JobStatus) => boolean): Promise<JobStatus> {
    for (let tries = 0; tries < 800; tries += 1) {
      const status = await this.job(id);
      if (fits(status)) return status;
      await new Promise((resolve) => setTimeout(resolve, 15));
    }
    throw new Error(`job ${id} never came to it: ${JSON.stringify(await this.job(id))}`);
  }

  jobEnd(id: string): Promise<JobStatus> {
    return this.jobWhen(id, ({ finishedAt }) => finishedAt !== undefined);
  }

  /** Events of a stream, until the test has seen enough: then the connection ends. */
  async *events(path: string, headers: Record<string, string> = {}): AsyncGenerator<WagonEvent> {
    const abort = new AbortController();
    const response = await fetch(this.url + path, {
      headers: { authorization: `Bearer ${this.#token}`, ...headers },
      signal: abort.signal,
    });
    try {
      let rest = '';
      for await (const chunk of response.body ?? []) {
        const lines = (rest + Buffer.from(chunk).toString('utf8')).split('\n');
        rest = lines.pop() ?? '';
        for (const line of lines)
          if (line.startsWith('data: ')) yield wagonEventSchema.parse(JSON.parse(line.slice(6)));
      }
    } finally {
      abort.abort();
    }
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
