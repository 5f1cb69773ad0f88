import { isoOf } from '../../protocol/time.ts';
import type { Language } from '../../visit/format.ts';
import type { PublicStatement } from '../../visit/statement.ts';
import type { Told } from './publicBoard.ts';

/**
 * schema.org `Event` of each visit, for search engines and assistants. A cancelled event keeps its date
 * (schema.org/EventCancelled); a late one gives the expected start beside `previousStartDate`, a moved one its new
 * `location` (schema.org/EventRescheduled).
 */
export function eventsOf(visits: readonly Told[], commune: string, url: string, language: Language): unknown {
  return {
    '@context': 'https://schema.org',
    '@graph': visits.map((told) => eventOf(told, commune, url, language)),
  };
}

function statusOf({ state, movedTo, expectedFromMs }: PublicStatement, fromMs: number) {
  if (state === 'cancelled' || state === 'missed')
    return { eventStatus: 'https://schema.org/EventCancelled' };
  if (movedTo || expectedFromMs !== undefined)
    return { eventStatus: 'https://schema.org/EventRescheduled', previousStartDate: isoOf(fromMs) };
  return { eventStatus: 'https://schema.org/EventScheduled' };
}

function eventOf({ facts, statement }: Told, commune: string, url: string, language: Language) {
  const place = statement.movedTo;
  const geo = place ? { lat: place.lat, lon: place.lon } : facts;
  return {
    '@type': 'Event',
    '@id': `${url}#${facts.id}`,
    url,
    name: language === 'fr' ? `Agence mobile à ${commune}` : `Mobile agency in ${commune}`,
    startDate: isoOf(statement.expectedFromMs ?? facts.fromMs),
    endDate: isoOf(facts.toMs),
    ...statusOf(statement, facts.fromMs),
    eventAttendanceMode: 'https://schema.org/OfflineEventAttendanceMode',
    isAccessibleForFree: true,
    description: statement.text[language],
    location: {
      '@type': 'Place',
      name: place?.name ?? facts.name,
      address: {
        '@type': 'PostalAddress',
        addressLocality: commune,
        addressCountry: 'FR',
        ...(place || !facts.address ? {} : { streetAddress: facts.address }),
      },
      ...(geo.lat === undefined || geo.lon === undefined
        ? {}
        : { geo: { '@type': 'GeoCoordinates', latitude: geo.lat, longitude: geo.lon } }),
    },
  };
}
