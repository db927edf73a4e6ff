import { parseArgs } from 'node:util';

/** How the API server process is started. */
export interface ServeOptions {
  data: string;
  /** undefined: any free port. */
  port: number | undefined;
  exitWithParent: boolean;
}

export const SERVE_USAGE = 'usage: node local/src/serve.ts --data DIR [--port N] [--exit-with-parent]';

/** Something that the person who starts the server can mend; the message is one line. */
export class ServeError extends Error {
  readonly exitCode: 1 | 2;

  constructor(message: string, exitCode: 1 | 2 = 1) {
    super(message);
    this.name = 'ServeError';
    this.exitCode = exitCode;
  }
}

/** Reads the command line. @throws ServeError with exit code 2. */
export function parseServeOptions(args: readonly string[]): ServeOptions {
  const options = {
    data: { type: 'string' },
    port: { type: 'string' },
    'exit-with-parent': { type: 'boolean' },
  } as const;
  let values: { data?: string; port?: string; 'exit-with-parent'?: boolean };
  try {
    ({ values } = parseArgs({ args: [...args], options, strict: true, allowPositionals: false }));
  } catch (error) {
    throw new ServeError(`${error instanceof Error ? error.message.split('\n')[0] : String(error)}; ${SERVE_USAGE}`, 2);
  }
  if (!values.data) throw new ServeError(`--data is required; ${SERVE_USAGE}`, 2);
  const port = values.port === undefined ? undefined : Number(values.port);
  if (port !== undefined && !(Number.isInteger(port) && port >= 1 && port <= 65_535)) {
    throw new ServeError(`--port ${values.port}: a port is a number from 1 to 65535`, 2);
  }
  return { data: values.data, port, exitWithParent: values['exit-with-parent'] === true };
}
