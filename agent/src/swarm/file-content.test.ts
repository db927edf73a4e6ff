import { describe, expect, it } from 'vitest';
import { contentOf, isProse } from './file-content.ts';

describe('the file in an answer', () => {
  it.each([
    { name: 'plain code as it is', path: 'a.py', answer: 'print(1)', want: 'print(1)\n' },
    { name: 'code in a fence', path: 'a.py', answer: '```python\nprint(1)\n```', want: 'print(1)\n' },
    {
      name: 'code in a fence with chatter around it',
      path: 'a.py',
      answer: 'Here is the file:\n\n```python\nprint(1)\n```\n\nIt prints 1.',
      want: 'print(1)\n',
    },
    {
      name: 'code with several fences as it is: nobody knows which one is meant',
      path: 'a.sh',
      answer: '```sh\na\n```\nor\n```sh\nb\n```',
      want: '```sh\na\n```\nor\n```sh\nb\n```\n',
    },
    { name: 'code in a fence that was never closed', path: 'a.py', answer: '```python\nprint(1)', want: 'print(1)\n' },
    { name: 'JSON in a fence', path: 'data/a.json', answer: '```json\n{"a":1}\n```', want: '{"a":1}\n' },
    {
      name: 'a document that holds code',
      path: 'a.md',
      answer: '# A\n\n```sh\nls\n```',
      want: '# A\n\n```sh\nls\n```\n',
    },
    {
      name: 'a document in a Markdown fence',
      path: 'a.md',
      answer: '```markdown\n# A\n\n```sh\nls\n```\n\nEnd\n```\n',
      want: '# A\n\n```sh\nls\n```\n\nEnd\n',
    },
    { name: 'a document that is one code block', path: 'a.md', answer: '```sh\nls\n```', want: '```sh\nls\n```\n' },
    {
      name: 'line breaks of Windows as ours',
      path: 'a.py',
      answer: '```python\r\nprint(1)\r\n```\r\n',
      want: 'print(1)\n',
    },
    {
      name: 'an indented first line with its indent',
      path: 'a.yaml',
      answer: '\n\n  a: 1\n  b: 2\n\n',
      want: '  a: 1\n  b: 2\n',
    },
    {
      name: 'a longer fence around a shorter one',
      path: 'a.py',
      answer: '````python\ns = """\n```\n"""\n````',
      want: 's = """\n```\n"""\n',
    },
    { name: 'nothing as nothing', path: 'a.md', answer: ' \n\n', want: '' },
  ])('is $name', ({ path, answer, want }) => {
    expect(contentOf(answer, path)).toBe(want);
  });

  it('is prose by its extension', () => {
    expect(['a.md', 'b/README.MD', 'c.txt', 'd.rst'].every(isProse)).toBe(true);
    expect(['a.py', 'Makefile', 'a.md/b', 'c.json', 'md'].some(isProse)).toBe(false);
  });
});
