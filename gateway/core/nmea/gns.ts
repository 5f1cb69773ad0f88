import type { Sentence } from '../lines.ts';
import { letter, MALFORMED, numberIn, position, text, timeOfDay } from './fields.ts';
import { MAX_DOP, modeSays, type Report } from './report.ts';

/**
 * GNS: as GGA, for several constellations.
 *
 *     $GNGNS,224749.00,3333.4268,N,11153.3538,W,AAN,19,0.6,406.1,-26.2,6.0,0138,S*hh
 *      1      224749.00    UTC of position
 *      2,3    3333.4268,N  latitude
 *      4,5    11153.3538,W longitude
 *      6      AAN          mode, one letter a constellation: GPS, GLONASS, Galileo, BeiDou, QZSS, NavIC
 *      7      19           satellites used
 *      8      0.6          HDOP
 *      9      406.1        altitude above mean sea level, m
 *      10     -26.2        geoid separation, m
 *      11,12  6.0,0138     age and station of differential corrections
 *      13     S            navigational status (NMEA 4.1): S safe, C caution, U unsafe, V «I do not tell»
 *
 * One constellation is enough for a position. An empty mode says nothing at all.
 */
export function decodeGns(s: Sentence): Report | undefined {
  const timeOfDayMs = timeOfDay(s, 1);
  if (timeOfDayMs === MALFORMED) return undefined;
  const modes = text(s, 6);
  const says = modesSay(modes);
  if (says !== 'valid' || letter(s, 13) === 'U')
    return { type: 'GNS', timeOfDayMs, says: says === 'void' ? says : undefined };
  const where = position(s, 2);
  if (where === MALFORMED) return undefined;
  return {
    type: 'GNS',
    timeOfDayMs,
    says,
    position: where,
    estimated: /^[EN]+$/.test(modes),
    satellitesUsed: numberIn(s, 7, 0, 199),
    hdop: numberIn(s, 8, 0.01, MAX_DOP),
    altitudeM: numberIn(s, 9, -1000, 100_000),
  };
}

function modesSay(modes: string): 'valid' | 'void' | undefined {
  let says: 'valid' | 'void' | undefined;
  for (const mode of modes) {
    const word = modeSays(mode);
    if (word === 'valid') return word;
    says ??= word;
  }
  return says;
}
