import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, it } from 'vitest';
import { type Person, sharedBrowser, stillness, THEMES } from '../helpers/browser';
import { type Gallery, openGallery, openView, visitAs } from './gallery';
import { VIEWS } from './views';

// `npm run screenshots`: every view at two widths and in both themes, for people to look at. Not part of `npm test`.

const FOLDER = fileURLToPath(new URL('../../.cache/screenshots', import.meta.url));
const WIDTHS = { 1280: 800, 375: 812 };

const browser = sharedBrowser();
let gallery: Gallery;
let person: Person;

beforeAll(async () => {
  mkdirSync(FOLDER, { recursive: true });
  gallery = await openGallery();
  person = await browser.newPerson(gallery.server.url);
});

afterAll(() => gallery.stop());

it.each(VIEWS)('$name', async (view) => {
  const { page } = person;
  await visitAs(page, gallery, view.who);
  await openView(page, gallery, view);
  // Behind a drawer or dialog only the visible part of the page matters.
  const fullPage = (await page.getByRole('dialog').or(page.getByRole('alertdialog')).count()) === 0;
  for (const [width, height] of Object.entries(WIDTHS)) {
    await page.setViewportSize({ width: Number(width), height });
    for (const theme of THEMES) {
      await page.emulateMedia({ colorScheme: theme });
      await stillness(page);
      await page.screenshot({ path: join(FOLDER, `${view.name}-${width}-${theme}.png`), fullPage });
    }
  }
  await page.setViewportSize({ width: 1280, height: 800 });
});
