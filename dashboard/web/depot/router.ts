import { signal } from '@preact/signals';

/** Every state of the page has a link: `#/maintenant/<van>/<visit>`, `#/journee/<van>/<date>`… */
export const SECTIONS = {
  maintenant: 'now',
  planning: 'planning',
  journee: 'day',
  bilan: 'accounting',
  vehicules: 'vans',
  reglages: 'settings',
  alertes: 'alerts',
} as const;
export type SectionPath = keyof typeof SECTIONS;
export type Route = { readonly section: SectionPath; readonly parts: readonly string[] };

function routeOf(hash: string): Route {
  const [section, ...parts] = hash.replace(/^#\//, '').split('/').filter(Boolean).map(decodeURIComponent);
  return section !== undefined && Object.hasOwn(SECTIONS, section)
    ? { section: section as SectionPath, parts }
    : { section: 'maintenant', parts: [] };
}

export const route = signal(routeOf(location.hash));
addEventListener('hashchange', () => {
  route.value = routeOf(location.hash);
});

export const linkTo = (section: SectionPath, ...parts: readonly (string | undefined)[]): string =>
  `#/${[section, ...parts.filter((p): p is string => p !== undefined).map(encodeURIComponent)].join('/')}`;
export const goTo = (section: SectionPath, ...parts: readonly (string | undefined)[]): void => {
  location.hash = linkTo(section, ...parts);
};
