/** Syntax of JavaScript that RE2, the API server's engine, has not: a pattern with it would pass here and be refused there. */
const BEYOND_RE2 = /\(\?<?[=!]|\\[1-9]|\\k</;

const re2Wording = (syntax: string) =>
  syntax.startsWith('(')
    ? `invalid or unsupported Perl syntax: \`${syntax.slice(0, 3)}\``
    : `invalid escape sequence: \`${syntax.slice(0, 2)}\``;

/**
 * Compiles a Go (RE2) pattern for JavaScript. Leading flags `(?i)`, `(?s)`, `(?m)` and `\z`, `\A` are translated.
 * @throws SyntaxError for what RE2 refuses (look-around, back-references) and for what JavaScript cannot read.
 */
export function compilePattern(source: string): RegExp {
  const beyond = BEYOND_RE2.exec(source)?.[0];
  if (beyond !== undefined) throw new SyntaxError(`error parsing regexp: ${re2Wording(beyond)}`);
  const flags = /^\(\?([ims]+)\)/.exec(source);
  const body = source
    .slice(flags?.[0].length ?? 0)
    .replaceAll('\\z', '$')
    .replaceAll('\\A', '^');
  return new RegExp(body, `${flags?.[1] ?? ''}u`);
}

/** As {@link compilePattern}, with a second try without the `u` flag: RE2 accepts needless escapes that `u` refuses. */
export function compilePatternLoosely(source: string): RegExp {
  try {
    return compilePattern(source);
  } catch (error) {
    if (BEYOND_RE2.test(source)) throw error;
    return new RegExp(source);
  }
}
