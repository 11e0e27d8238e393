import type { RouteConfigEntry } from '@remix-run/route-config';
import { afterAll, beforeAll, expect, it } from 'vitest';
import routes from '~/routes';
import {
  expectAccessibleInBothThemes,
  expectFitsNarrowScreen,
  type Person,
  sharedBrowser,
} from '../helpers/browser';
import { type Gallery, openGallery, openView, visitAs } from './gallery';
import { ROUTES_WITHOUT_VIEW, VIEWS } from './views';

/** The files of all routes, including nested ones. */
const filesOf = (entries: RouteConfigEntry[]): string[] =>
  entries.flatMap(({ file, children = [] }) => [file.replace(/^routes\//, ''), ...filesOf(children)]);

const browser = sharedBrowser();
let gallery: Gallery;
let person: Person;

beforeAll(async () => {
  gallery = await openGallery();
  person = await browser.newPerson(gallery.server.url);
  // Some views are error pages, which the browser reports.
  person.expectProblem(/the server responded with a status of 40[0134]/);
});

afterAll(() => gallery.stop());

it('every route has a view in the gallery', () => {
  const shown = new Set([...VIEWS.map(({ route }) => route), ...ROUTES_WITHOUT_VIEW]);
  expect(filesOf(routes).filter((file) => !shown.has(file))).toEqual([]);
});

it.each(VIEWS)(
  '$name: axe finds nothing in either theme, the page fits 320 px, and the browser reports no problem',
  async (view) => {
    const { page } = person;
    await visitAs(page, gallery, view.who);
    await openView(page, gallery, view);
    await expectAccessibleInBothThemes(page, view.name);
    await expectFitsNarrowScreen(page, view.name);
    person.expectNoProblems();
  },
);
