import type { Sentence } from '../lines.ts';
import { MALFORMED, numberIn, position, timeOfDay } from './fields.ts';
import { MAX_DOP, type Report } from './report.ts';

/**
 * GGA: fix with quality, satellites, HDOP and altitude; no date.
 *
 *     $GPGGA,123519,4807.038,N,01131.324,E,1,08,0.9,545.4,M,46.9,M,,*hh
 *      1      123519       UTC of position
 *      2,3    4807.038,N   latitude
 *      4,5    01131.324,E  longitude
 *      6      1            0 none, 1 GPS, 2 DGPS, 3 PPS, 4 RTK, 5 float, 6 estimated, 7 manual, 8 simulator,
 *                          9 SBAS (NovAtel)
 *      7      08           satellites used
 *      8      0.9          HDOP
 *      9,10   545.4,M      altitude above mean sea level
 *      11,12  46.9,M       geoid separation
 *      13,14  ,            age and station of differential corrections
 *
 * `$GPGGA,,,,,,0,,,,,,,,` (Quectel) forgets the date. Quality 1 with fewer than three satellites cannot be a fix
 * (gpsd gives none either); dead reckoning needs no satellite.
 */
export function decodeGga(s: Sentence): Report | undefined {
  const timeOfDayMs = timeOfDay(s, 1);
  if (timeOfDayMs === MALFORMED) return undefined;
  const says = qualitySays(numberIn(s, 6, 0, 99));
  if (says === 'void')
    return { type: 'GGA', timeOfDayMs, says, forgetsDate: timeOfDayMs === undefined && isNone(s) };
  const where = position(s, 2);
  if (where === MALFORMED) return undefined;
  const satellitesUsed = numberIn(s, 7, 0, 199);
  const estimated = numberIn(s, 6, 6, 6) === 6;
  if (says === undefined || (!estimated && satellitesUsed !== undefined && satellitesUsed < 3))
    return { type: 'GGA', timeOfDayMs };
  return {
    type: 'GGA',
    timeOfDayMs,
    says,
    position: where,
    estimated,
    satellitesUsed,
    hdop: numberIn(s, 8, 0.01, MAX_DOP),
    altitudeM: numberIn(s, 9, -1000, 100_000),
  };
}

const isNone = (s: Sentence) => numberIn(s, 6, 0, 0) === 0;

function qualitySays(quality: number | undefined): 'valid' | 'void' | undefined {
  if (quality === 0 || quality === 7 || quality === 8) return 'void';
  return quality !== undefined && quality <= 9 ? 'valid' : undefined;
}
