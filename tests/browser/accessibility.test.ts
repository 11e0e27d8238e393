import type { RouteConfigEntry } from '@remix-run/route-config';
import { afterAll, beforeAll, expect, it } from 'vitest';
import routes from '~/routes';
import {
  expectAccessibleInBothThemes,
  expectFitsNarrowScreen,
  type Person,
  useBrowser,
} from '../helpers/browser';
import { type Gallery, openGallery, openView, visitAs } from './gallery';
import { ROUTES_WITHOUT_VIEW, VIEWS } from './views';

/** The file of every route in the table, those of nested routes included. */
const filesOf = (entries: RouteConfigEntry[]): string[] =>
  entries.flatMap(({ file, children = [] }) => [file.replace(/^routes\//, ''), ...filesOf(children)]);

const browser = useBrowser();
let gallery: Gallery;
let person: Person;

beforeAll(async () => {
  gallery = await openGallery();
  person = await browser.newPerson(gallery.server.url);
  // The browser reports pages that are refused, as some of these are on purpose.
  person.expectProblem(/the server responded with a status of 40[0134]/);
});

afterAll(() => gallery.stop());

it('looks at every route: a new one needs a view in the gallery', () => {
  const shown = new Set([...VIEWS.map(({ route }) => route), ...ROUTES_WITHOUT_VIEW]);
  expect(filesOf(routes).filter((file) => !shown.has(file))).toEqual([]);
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
