import axe, { type AxeResults } from 'axe-core';
import type { Page } from 'playwright-core';

/** The body's ground is a gradient, which axe cannot judge: its lightest colour is the hardest ground for light text. */
const HARDEST_GROUND = 'rgb(42, 17, 70)';
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

/** Runs in the page. */
const RUN_AXE = `(async () => {
  const { style } = document.body;
  const { background } = style;
  style.background = '${HARDEST_GROUND}';
  const results = await axe.run(document, { runOnly: { type: 'tag', values: ${JSON.stringify(RULES)} } });
  style.background = background;
  return results;
})()`;

/** What axe holds against the page as it is now, a line each; and that it scrolls sideways, if it does (WCAG 1.4.10). */
export async function accessibilityProblems(page: Page): Promise<string[]> {
  // Over the debugger, which the page's own policy for scripts does not bind.
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate<AxeResults>(RUN_AXE);
  const isSideways = await page.evaluate<boolean>('document.documentElement.scrollWidth > innerWidth');
  const lines = violations.flatMap(({ id, help, nodes }) =>
    nodes.map(({ target }) => `${id}: ${help}: ${target.join(' ')}`),
  );
  return isSideways ? [...lines, 'the page scrolls sideways'] : lines;
}
