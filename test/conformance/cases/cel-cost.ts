import type { Case } from '../case.ts';
import { CRDS, post, prepare } from './bodies.ts';
import {
  BORDER,
  crd,
  deep,
  formatted,
  GAUGES,
  gauge,
  integer,
  list,
  map,
  object,
  ruled,
  spec,
  text,
  tried,
} from './cel-schemas.ts';

export const CEL_COST_CASES: Case[] = [
  {
    name: 'cel cost: what is not bound is too dear',
    steps: [
      tried(spec({ l: list(text()) }, "self.l.all(x, x.contains('a'))")),
      tried(spec({ l: list(list(integer)) }, 'self.l.all(x, x.all(y, y > 0))')),
      tried(spec({ l: list(integer) }, 'self.l.all(x, self.l.exists_one(y, x == y))')),
      tried(spec({ m: map(map(text())) }, "self.m.all(k, self.m[k].all(j, self.m[k][j] != ''))")),
      tried(spec({ s: text(), t: text() }, 'self.s.contains(self.t)')),
      tried(spec({ s: text(), t: text() }, 'self.s.matches(self.t)')),
      tried(spec({ s: text() }, "self.s.matches('^[a-z0-9]+(-[a-z0-9]+)*$')")),
      tried(spec({ s: text() }, "self.s.startsWith('a') && self.s.endsWith('z') && size(self.s) < 9")),
      tried(spec({ l: list(text()) }, "self.l.map(x, x + 'a').filter(y, y.startsWith('a')).all(z, z != 'b')")),
      tried(spec({ l: list(object({ v: text() })) }, "self.l.all(x, x.v == string(bytes(x.v)) + 'a')")),
      tried(spec({ l: list(integer) }, 'self.l == oldSelf.l', 'self.l.all(x, x in oldSelf.l)')),
      tried(
        spec(
          { a: { 'x-kubernetes-int-or-string': true } },
          "type(self.a) == string ? self.a.contains('%') : self.a > 5",
        ),
      ),
    ],
  },
  {
    name: 'cel cost: bounds make a rule cheap enough, to the last unit',
    steps: [
      tried(spec({ l: list(text(64), 100) }, "self.l.all(x, x.contains('a'))")),
      tried(spec({ l: list(integer, 700) }, 'self.l.all(x, self.l.exists_one(y, x == y))')),
      tried(spec({ l: list(integer, 1290) }, 'self.l.all(x, self.l.exists(y, x == y))')),
      tried(spec({ l: list(integer, 1291) }, 'self.l.all(x, self.l.exists(y, x == y))')),
      tried(spec({ l: list(integer, 1300) }, 'self.l.all(x, self.l.exists(y, x == y))')),
      tried(spec({ l: list(integer, 1581) }, 'self.l.all(x, self.l.exists(y, x == y))')),
      tried(spec({ l: list(integer, 2000) }, 'self.l.all(x, self.l.exists(y, x == y))')),
      tried(spec({ l: list(integer, 13000) }, 'self.l.all(x, self.l.exists(y, x == y))')),
      tried(spec({ s: ruled(text(2_500_000), "self.matches('[0-9a-f]{64}')") })),
      tried(spec({ s: text(8_300_000) }, BORDER)),
      tried(spec({ s: text(8_333_333) }, BORDER)),
      tried(spec({ s: text(8_333_335) }, BORDER)),
      tried(spec({ m: map(text(8), 64) }, "self.m.all(k, k.startsWith('a') && self.m[k] != '')")),
      tried(spec({ l: list(text(), 0) }, "self.l.all(x, x.contains('a'))")),
      tried(
        spec(
          { e: { type: 'string', enum: ['a', 'bcd', 'äöü'] }, s: text() },
          'self.s.contains(self.e)',
          'self.e in [self.s, "a"]',
        ),
      ),
      tried(
        spec(
          { e: { type: 'string', enum: ['a', 'bcd'], maxLength: 100_000_000 }, s: text() },
          'self.s.contains(self.e)',
        ),
      ),
    ],
  },
  {
    name: 'cel cost: a rule is counted as often as it may run',
    steps: [
      tried(spec({ l: list(ruled(text(10), "self != 'a'"), 1_000_000) })),
      tried(spec({ l: list(ruled(text(10), "self != 'a'")) })),
      tried(spec({ l: list(ruled(text(), "self.matches('a')"), 10) })),
      tried(spec({ l: list(ruled(object({ aVeryLongRequiredName: text(5) }), "self.aVeryLongRequiredName != 'b'")) })),
      tried(
        spec({
          l: list({
            ...ruled(object({ aVeryLongRequiredName: text(5) }), "self.aVeryLongRequiredName != 'b'"),
            required: ['aVeryLongRequiredName'],
          }),
        }),
      ),
      tried(
        spec({
          l: list({
            ...ruled(object({ withDefault: { ...text(5), default: 'c' } }), "self.withDefault != 'b'"),
            required: ['withDefault'],
          }),
        }),
      ),
      tried(spec({ m: map(list(map(ruled(integer, 'self > 0'), 200), 200), 200) })),
      tried(spec({ m: map(list(map(ruled(integer, 'self > 0')), 200), 200) })),
      tried(
        spec({
          m: {
            type: 'object',
            'x-kubernetes-preserve-unknown-fields': true,
            properties: { a: ruled(integer, 'self > 0') },
          },
        }),
      ),
    ],
  },
  {
    name: 'cel cost: formats and types have sizes of their own',
    steps: [
      tried(spec({ l: list(formatted('date-time')) }, "self.l.all(x, x > timestamp('2020-01-01T00:00:00Z'))")),
      tried(spec({ l: list(formatted('date')) }, 'self.l.all(x, x.getFullYear() > 2020)')),
      tried(spec({ l: list(formatted('uuid')) }, "self.l.all(x, x != 'a')")),
      tried(spec({ l: list(formatted('uuid', { maxLength: 36 })) }, "self.l.all(x, x != 'a')")),
      tried(spec({ b: formatted('byte') }, "string(self.b).contains('a')", "self.b == b'a'")),
      tried(spec({ b: formatted('byte', { maxLength: 90_000_000 }) }, "string(self.b).matches('abc')")),
      tried(spec({ l: list(formatted('byte', { maxLength: 9 }), 500_000) }, "self.l.all(x, x == b'a')")),
      tried(spec({ l: list({ type: 'boolean' }) }, 'self.l.all(x, x)')),
      tried(spec({ l: list({ type: 'number' }) }, 'self.l.all(x, x > 1.5)')),
      tried(spec({ l: list({ 'x-kubernetes-int-or-string': true, maxLength: 9 }) }, "self.l.all(x, x == '5%')")),
      tried(spec({ l: list({ type: 'object' }) }, 'self.l.all(x, has(x.nope))')),
    ],
  },
  {
    name: 'cel cost: messages, and all rules of a schema together',
    steps: [
      tried(spec({ s: text() }, { rule: "self.s != 'a'", messageExpression: "self.s.matches('abc') ? 'a' : 'b'" })),
      tried(
        spec(
          { l: list(text()) },
          {
            rule: 'size(self.l) > 1',
            messageExpression: "string(size(self.l.map(x, x + 'a').filter(y, y.contains('b'))))",
          },
        ),
      ),
      tried(spec({ l: list(ruled(text(4), ...Array.from({ length: 30 }, (_, i) => `self != 'a${i}'`)), 1_500_000) })),
      tried(
        spec(
          { l: list(integer, 1200), k: list(integer, 1100) },
          ...Array.from({ length: 6 }, () => 'self.l.all(x, self.l.exists(y, x == y))'),
          ...Array.from({ length: 7 }, () => 'self.k.all(x, self.k.exists(y, x == y))'),
        ),
      ),
      tried(
        spec(
          { l: list(integer, 300) },
          ...Array.from({ length: 400 }, () => 'self.l.all(x, self.l.exists(y, x == y))'),
        ),
      ),
      tried(
        crd(
          object({ spec: object({ l: list(text()) }, { rule: "self.l.all(x, x.contains('a'))" }) }),
          object({ spec: object({ l: list(text(9), 9) }, { rule: "self.l.all(x, x.contains('a'))" }) }),
        ),
      ),
    ],
  },
  {
    name: 'cel cost: rules that read the old object, metadata and deep members',
    steps: [
      tried(spec({ l: list(text(), 100) }, 'self.l == oldSelf.l', 'self.l.all(x, x in oldSelf.l)')),
      tried(
        crd({
          ...ruled(
            object({ spec: object({ s: text(9) }) }),
            "self.metadata.name.matches('^[a-z]+$')",
            "self.kind != ''",
          ),
        }),
      ),
      tried(
        crd({
          ...ruled(
            object({
              kind: text(),
              apiVersion: text(),
              metadata: object({ name: text(30), generateName: text(20) }),
              spec: object({ s: text(9) }),
            }),
            "self.metadata.name.matches('^[a-z]+$')",
          ),
        }),
      ),
      tried(
        spec(
          { a: deep(list(object({ p: list(text(9), 90_000), q: text(1) }), 9_000)) },
          "self.a.b.l.all(x, x.p.all(y, y == x.q && y != 'a'))",
          'self.a.b.l.all(x, x.p.all(y, y == x.q))',
          'self.a.b.l.all(x, x.p.exists(y, x.q != y) && size(x.p) > 1)',
        ),
      ),
      tried(
        spec({
          l: list({ ...ruled(object({ k: text(9) }), 'self.k == oldSelf.k'), required: ['k'] }, 100, {
            'x-kubernetes-list-type': 'map',
            'x-kubernetes-list-map-keys': ['k'],
          }),
        }),
      ),
      tried(spec({ l: list(ruled(text(5), 'self == oldSelf')) })),
      tried(spec({ n: integer }, { rule: 'self.n > 1', optionalOldSelf: true })),
    ],
  },
  {
    name: 'cel cost: rules that are wrong are told with those that are too dear',
    steps: [
      tried(
        spec(
          { s: text(), n: integer },
          "self.s.matches('abc')",
          'self.s <',
          'self.q == 1',
          'self.n == self.s',
          'self.n',
          'slf',
        ),
      ),
      tried(
        spec(
          { s: text(), n: integer },
          { rule: "self.s.matches('abc')", messageExpression: 'self.n' },
          { rule: "self.s.matches('abc')", messageExpression: 'self.s +' },
        ),
      ),
      tried(
        spec(
          { a: ruled(text(), "self.matches('abc')"), n: integer },
          { rule: "self.a.matches('abc')", reason: 'FieldValueSilly' },
          { rule: "self.a.matches('abc')", fieldPath: '.q' },
          { rule: 'self.n > 1', fieldPath: '.n', messageExpression: ' ' },
        ),
      ),
      tried(spec({ n: integer }, { rule: 'self.n > 1 && self.n < 3 && "a&b" != ""', messageExpression: '1' })),
    ],
  },
  {
    name: 'cel cost: functions that are not served are refused',
    steps: [
      tried(spec({ s: text(9) }, "quantity(self.s).isLessThan(quantity('1Gi'))")),
      tried(spec({ s: text(9) }, 'isIP(self.s) && ip(self.s).family() == 4')),
      tried(spec({ s: text(9) }, "isURL(self.s) && url(self.s).getScheme() == 'https'")),
      tried(spec({ l: list(integer, 9) }, 'self.l.isSorted() && self.l.sum() < 9')),
      tried(spec({ n: integer }, { rule: 'oldSelf.hasValue() || self.n > 1', optionalOldSelf: true })),
    ],
  },
  {
    name: 'cel cost: a CRD with bounded rules is made, and its rules hold',
    steps: [
      prepare(post(CRDS, spec({ l: list(text(9), 9) }, "self.l.all(x, x.contains('a'))"))),
      prepare({ method: 'GET', path: GAUGES, until: { status: 200 } }),
      post(GAUGES, gauge('g', ['a', 'b'])),
      {
        method: 'PATCH',
        path: `${CRDS}/gauges.{ns}.example.com`,
        headers: { 'content-type': 'application/json-patch+json' },
        body: [
          {
            op: 'remove',
            path: '/spec/versions/0/schema/openAPIV3Schema/properties/spec/properties/l/maxItems',
          },
        ],
      },
    ],
  },
  {
    name: 'cel cost: what a rule costs while it runs',
    steps: [
      prepare(post(CRDS, spec({ l: list(integer, 1200) }, 'self.l.all(x, self.l.exists(y, x == y))'))),
      prepare({ method: 'GET', path: GAUGES, until: { status: 200 } }),
      post(
        GAUGES,
        gauge(
          'few',
          Array.from({ length: 100 }, (_, i) => i),
        ),
      ),
      post(
        GAUGES,
        gauge(
          'many',
          Array.from({ length: 1200 }, (_, i) => i),
        ),
      ),
    ],
  },
];
