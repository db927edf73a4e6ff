import type { Case, RequestStep } from '../case.ts';
import { CONFIG_MAP, configMap, given, JSON_PATCH, MERGE, STRATEGIC, THING, thing } from './bodies.ts';

const WRONG = [
  '{',
  '{"a"',
  '{"a":1,}',
  '{a:1}',
  '{"a":1 "b":2}',
  '{"a":1}}',
  "{'a':1}",
  '[1,]',
  '[1 2]',
  '{"a":tru}',
  '{"a":01}',
  '{"a":1.}',
  '{"a":1e}',
  '{"a":-}',
  '{"a":"\\q"}',
  '{"a":"\\u12"}',
  '{"a":"\t"}',
  '{"a":"é}',
  'null',
  'true',
  '5',
  '"text"',
  '[]',
  '\u0000',
  'é',
  '<html>',
];
const send = (
  method: RequestStep['method'],
  path: string,
  text: string,
  headers?: Record<string, string>,
): RequestStep => ({
  method,
  path,
  text,
  ...(headers && { headers }),
});

/** What is no JSON, or JSON of another shape: each mistake is told in the same words. */
export const BAD_JSON_CASES: Case[] = [
  {
    name: 'json: bodies that are none, created',
    steps: WRONG.flatMap((text) => [send('POST', THING, text), send('POST', CONFIG_MAP, text)]),
  },
  {
    name: 'json: bodies that are none, replaced',
    steps: [
      given(THING, thing('a')),
      given(CONFIG_MAP, configMap('a')),
      ...WRONG.flatMap((text) => [send('PUT', `${THING}/a`, text), send('PUT', `${CONFIG_MAP}/a`, text)]),
    ],
  },
  {
    name: 'json: patches that are none',
    steps: [
      given(THING, thing('a')),
      given(CONFIG_MAP, configMap('a')),
      ...WRONG.flatMap((text) => [
        send('PATCH', `${THING}/a`, text, MERGE),
        send('PATCH', `${THING}/a`, text, JSON_PATCH),
        send('PATCH', `${CONFIG_MAP}/a`, text, MERGE),
        send('PATCH', `${CONFIG_MAP}/a`, text, STRATEGIC),
      ]),
      send('PATCH', `${THING}/a`, '[null]', JSON_PATCH),
      send('PATCH', `${THING}/a`, '[5]', JSON_PATCH),
      send('PATCH', `${THING}/a`, '[{"op":5}]', JSON_PATCH),
    ],
  },
  {
    name: 'json: deletion options that are none',
    steps: [
      given(THING, thing('a')),
      ...WRONG.filter((text) => text !== 'null').map((text) => send('DELETE', `${THING}/a`, text)),
    ],
  },
];
