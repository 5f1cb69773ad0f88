import { PbfWriter } from 'pbf';
import type { Bilingual } from '../../../visit/format.ts';
import {
  type Alert,
  EFFECTS,
  type RealtimeFeed,
  ROUTE,
  type StopTimeEvent,
  type StopTimeUpdate,
  type TripUpdate,
} from '../../core/gtfsRealtime.ts';

/** The feed as protocol buffers; the numbers are those of gtfs-realtime.proto, version 2.0. */
const FULL_DATASET = 0;
const SCHEDULED = 0;
const CANCELED = 3;
const UNKNOWN_CAUSE = 1;
const STOP_RELATIONSHIP = { scheduled: 0, skipped: 1, 'no data': 2 } as const;

export function realtimeBytes(feed: RealtimeFeed): Uint8Array {
  const pbf = new PbfWriter();
  pbf.writeMessage(1, header, feed.timestamp);
  for (const update of feed.updates) pbf.writeMessage(2, tripEntity, update);
  for (const alert of feed.alerts) pbf.writeMessage(2, alertEntity, alert);
  return pbf.finish();
}

function header(timestamp: number, pbf: PbfWriter): void {
  pbf.writeStringField(1, '2.0');
  pbf.writeVarintField(2, FULL_DATASET);
  pbf.writeVarintField(3, timestamp);
}

function tripEntity(update: TripUpdate, pbf: PbfWriter): void {
  pbf.writeStringField(1, `trip:${update.trip}`);
  pbf.writeMessage(3, tripUpdate, update);
}

function alertEntity(alert: Alert, pbf: PbfWriter): void {
  pbf.writeStringField(1, `alert:${alert.trip}`);
  pbf.writeMessage(5, alertBody, alert);
}

function tripUpdate(update: TripUpdate, pbf: PbfWriter): void {
  pbf.writeMessage(1, trip, update);
  for (const stop of update.stops) pbf.writeMessage(2, stopTimeUpdate, stop);
  pbf.writeVarintField(4, update.timestamp);
}

function trip(of: { trip: string; date: string; isCancelled?: boolean }, pbf: PbfWriter): void {
  pbf.writeStringField(1, of.trip);
  pbf.writeStringField(3, of.date);
  pbf.writeVarintField(4, of.isCancelled ? CANCELED : SCHEDULED);
  pbf.writeStringField(5, ROUTE);
}

function stopTimeUpdate(stop: StopTimeUpdate, pbf: PbfWriter): void {
  pbf.writeVarintField(1, stop.sequence);
  if (stop.arrival) pbf.writeMessage(2, stopTimeEvent, stop.arrival);
  if (stop.departure) pbf.writeMessage(3, stopTimeEvent, stop.departure);
  pbf.writeVarintField(5, STOP_RELATIONSHIP[stop.relationship]);
}

function stopTimeEvent({ time, uncertainty }: StopTimeEvent, pbf: PbfWriter): void {
  pbf.writeVarintField(2, time);
  if (uncertainty !== undefined) pbf.writeVarintField(3, uncertainty);
}

function alertBody(alert: Alert, pbf: PbfWriter): void {
  pbf.writeMessage(1, timeRange, alert);
  pbf.writeMessage(5, (of: Alert, at) => at.writeMessage(4, trip, of), alert);
  pbf.writeVarintField(6, UNKNOWN_CAUSE);
  pbf.writeVarintField(7, EFFECTS[alert.effect]);
  pbf.writeMessage(8, translated, { fr: alert.url, en: `${alert.url}?lang=en` });
  pbf.writeMessage(10, translated, alert.header);
  pbf.writeMessage(11, translated, alert.description);
}

function timeRange({ from, to }: Alert, pbf: PbfWriter): void {
  pbf.writeVarintField(1, from);
  pbf.writeVarintField(2, to);
}

function translated(texts: Bilingual, pbf: PbfWriter): void {
  for (const language of ['fr', 'en'] as const)
    pbf.writeMessage(1, translation, [texts[language], language] as const);
}

function translation([text, language]: readonly [string, string], pbf: PbfWriter): void {
  pbf.writeStringField(1, text);
  pbf.writeStringField(2, language);
}
