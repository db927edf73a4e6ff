/** What kubectl asks `/openapi/v2` for. */
export const OPENAPI_V2_MEDIA_TYPE = 'application/com.github.proto-openapi.spec.v2@v1.0+protobuf';

/** What the answer is called: what is asked for is no valid media type. */
export const OPENAPI_V2_CONTENT_TYPE = 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf';

const field = (number: number, bytes: Buffer) => Buffer.concat([Buffer.from([(number << 3) | 2, bytes.length]), bytes]);
const text = (number: number, value: string) => field(number, Buffer.from(value));

/**
 * An OpenAPI v2 document that describes nothing. kubectl reads v2 only where v3 does not tell it what it wants to know, for kinds that are
 * not served and for lists; it then skips its own validation, since the server validates. An error here would end `kubectl apply` instead.
 */
export function openApiV2Document(): { json: string; protobuf: Buffer } {
  const [title, version] = ['Kubernetes', '1.34'];
  return {
    json: JSON.stringify({ swagger: '2.0', info: { title, version }, paths: {} }),
    protobuf: Buffer.concat([text(1, '2.0'), field(2, Buffer.concat([text(1, title), text(2, version)]))]),
  };
}
