/**
 * The three functions of the reflect-metadata proposal that the dependency injection inside @peculiar/x509 calls. The full polyfill is
 * 60 KB for the same three.
 */
interface MetadataReflect {
  getMetadata?: (key: unknown, target: object) => unknown;
  getOwnMetadata?: (key: unknown, target: object) => unknown;
  defineMetadata?: (key: unknown, value: unknown, target: object) => void;
}

const metadata = new WeakMap<object, Map<unknown, unknown>>();

function inherited(key: unknown, target: object | null): unknown {
  if (target === null) return undefined;
  return metadata.get(target)?.has(key)
    ? metadata.get(target)?.get(key)
    : inherited(key, Object.getPrototypeOf(target));
}

const reflect = Reflect as MetadataReflect;
reflect.getMetadata ??= inherited;
reflect.getOwnMetadata ??= (key, target) => metadata.get(target)?.get(key);
reflect.defineMetadata ??= (key, value, target) => {
  const own = metadata.get(target) ?? new Map();
  metadata.set(target, own.set(key, value));
};
