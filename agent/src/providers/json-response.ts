/** Whether an answer came as one JSON value and not as a stream of events. */
export const isJSON = (response: Response): boolean =>
  /^application\/(?:[a-z.-]+\+)?json\b/i.test(response.headers.get('content-type') ?? '');

/** An answer with status 200 that holds an error: in the shape in which SDKs throw theirs, without a status that would say otherwise. */
class ErrorInBody extends Error {
  readonly error: unknown;

  constructor(error: unknown) {
    super('the answer holds an error');
    this.error = error;
  }
}

/**
 * Reads an answer that came whole.
 * @throws SyntaxError where it is no JSON object; an error of the SDKs' shape where it says one under status 200.
 */
export async function readWhole<Answer extends object>(response: Response): Promise<Answer> {
  const body: unknown = await response.json();
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    throw new SyntaxError('the answer is no JSON object');
  if ('error' in body && body.error)
    throw new ErrorInBody(typeof body.error === 'object' ? body.error : { message: String(body.error) });
  return body as Answer;
}
