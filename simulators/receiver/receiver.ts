import type { Seen } from '../gnss.ts';
import type { Random } from '../random.ts';
import { gga, gll, gns, gsa, gst, gsv, line, rmc, vtg, zda } from './sentences.ts';
import { makeSky } from './sky.ts';

/** Whose habits the receiver has: the order of its sentences and their talkers (devices.md §1). */
export type ReceiverKind = 'ublox' | 'quectel';
export type ReceiverSettings = { readonly kind: ReceiverKind; readonly hz: number };
export const UBLOX: ReceiverSettings = { kind: 'ublox', hz: 1 };

export interface Receiver {
  /** The lines of one epoch, in the order of the device; `seen` absent: no fix. */
  epoch(atMs: number, seen?: Seen): string[];
}

/** Satellites are told once a second whatever the rate, as receivers do to fit the line. */
export function makeReceiver(settings: ReceiverSettings, random: Random): Receiver {
  const sky = makeSky(random);
  return {
    epoch(atMs, seen) {
      const above = sky(atMs, seen?.satellites ?? 0);
      const wholeSecond = atMs % 1000 === 0;
      const inView = wholeSecond ? above.flatMap(gsv) : [];
      if (settings.kind === 'quectel') {
        // EC25: satellites first, GNS before GGA, RMC last; without a fix only GNS has a time.
        const bodies = [
          ...inView,
          gns('GN', atMs, seen),
          vtg('GP', seen),
          ...above.map((c) => gsa('GN', c, seen)),
        ];
        const last = seen
          ? [gga('GP', atMs, seen), rmc('GP', atMs, seen)]
          : ['GPGGA,,,,,,0,,,,,,,,', 'GPRMC,,V,,,,,,,,,,N'];
        return [...bodies, ...last].map(line);
      }
      // M8: RMC first, GLL after the satellites; ZDA and GST where they are switched on.
      return [
        rmc('GN', atMs, seen),
        vtg('GN', seen),
        gga('GN', atMs, seen),
        ...(wholeSecond ? above.map((c) => gsa('GN', c, seen)) : []),
        ...inView,
        gll('GN', atMs, seen),
        gst('GN', atMs, seen),
        ...(wholeSecond ? [zda('GN', atMs)] : []),
      ].map(line);
    },
  };
}
