import type { KubeRequest } from '@dark-carnival/kube';
import { parseRoute } from '../http/route.ts';

/** A request in the words of RBAC. */
export interface Operation {
  verb: Verb;
  /** `objectives`, `objectives/status`; the path of what is no resource, such as `/version`. */
  resource: string;
  /** `<namespace>/<name>`, as much of it as the request names. */
  object: string;
}

const READS = ['get', 'list', 'watch'] as const;
const WRITES = ['create', 'update', 'patch', 'delete', 'deletecollection'] as const;
const VERBS = [...READS, ...WRITES];
type Verb = (typeof VERBS)[number];

/** What a request does. */
export function operationOf({ method, path, query }: KubeRequest): Operation {
  const route = parseRoute(path);
  if (!route) return { verb: verbOf(method, true, false), resource: path, object: '' };
  const { plural, subresource, namespace, name } = route;
  const isWatch = query?.['watch'] === true || query?.['watch'] === 'true' || query?.['watch'] === 1;
  return {
    verb: verbOf(method, name !== '', isWatch),
    resource: subresource ? `${plural}/${subresource}` : plural,
    object: [namespace, name].filter((part) => part !== '').join('/'),
  };
}

function verbOf(method: KubeRequest['method'], hasName: boolean, isWatch: boolean): Verb {
  switch (method) {
    case 'POST':
      return 'create';
    case 'PUT':
      return 'update';
    case 'PATCH':
      return 'patch';
    case 'DELETE':
      return hasName ? 'delete' : 'deletecollection';
    default:
      if (isWatch) return 'watch';
      return hasName ? 'get' : 'list';
  }
}

/**
 * Reads what a rule is for: verbs, then resources, each separated by commas: `patch objectives/status`, `create,delete configmaps`, `watch *`. `read`
 * stands for get and list, `write` for all that change something, `*` for everything, `objectives/*` for an object and its subresources.
 * @throws TypeError
 */
export function matcherOf(when: string): (operation: Operation) => boolean {
  const [verbText = '', resourceText = '', ...more] = when.trim().split(/\s+/);
  if (resourceText === '' || more.length > 0) {
    throw new TypeError(`${JSON.stringify(when)}: verbs and resources, such as "patch objectives/status"`);
  }
  const verbs = new Set(verbText.split(',').flatMap(verbsOf));
  const resources = resourceText.split(',');
  return ({ verb, resource }) => verbs.has(verb) && resources.some((wanted) => covers(wanted, resource));
}

function verbsOf(text: string): readonly Verb[] {
  if (text === '*') return VERBS;
  if (text === 'read') return ['get', 'list'];
  if (text === 'write') return WRITES;
  const verb = VERBS.find((known) => known === text);
  if (!verb) throw new TypeError(`there is no verb ${JSON.stringify(text)}: ${VERBS.join(', ')}, read, write or *`);
  return [verb];
}

function covers(wanted: string, resource: string): boolean {
  if (wanted === '*' || wanted === resource) return true;
  if (!wanted.endsWith('/*')) return false;
  const whole = wanted.slice(0, -2);
  return resource === whole || resource.startsWith(`${whole}/`);
}
