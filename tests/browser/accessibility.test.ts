import { readdirSync } from 'node:fs';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import {
  expectAccessibleInBothThemes,
  expectFitsNarrowScreen,
  launchBrowser,
  newPerson,
  type Person,
} from '../helpers/browser';
import { type Gallery, openGallery, openView, visitAs } from './gallery';
import { ROUTES_WITHOUT_VIEW, VIEWS } from './views';

let browser: Browser;
let gallery: Gallery;
let person: Person;

beforeAll(async () => {
  [browser, gallery] = await Promise.all([launchBrowser(), openGallery()]);
  person = await newPerson(browser, gallery.server.url);
  // The browser reports pages that are refused, as some of these are on purpose.
  person.expectProblem(/the server responded with a status of 40[0134]/);
});

afterAll(async () => {
  await browser.close();
  await gallery.stop();
});

it('looks at every route: a new one needs a view in the gallery', () => {
  const routes = readdirSync(new URL('../../app/routes', import.meta.url));
  const shown = new Set([...VIEWS.map(({ route }) => route), ...ROUTES_WITHOUT_VIEW]);
  expect(routes.filter((route) => !shown.has(route))).toEqual([]);
});

it.each(VIEWS)(
  '$name: axe finds nothing in either theme, 320 px need no scrolling sideways, and the browser reports no problem',
  async (view) => {
    const { page } = person;
    await visitAs(page, gallery, view.who);
    await openView(page, gallery, view);
    await expectAccessibleInBothThemes(page, view.name);
    await expectFitsNarrowScreen(page, view.name);
    person.expectNoProblems();
  },
);
