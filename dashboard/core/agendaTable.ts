import type { Agenda, Stop, Visit } from '../../protocol/agenda.ts';
import type { Cell } from './csv.ts';
import { present } from './present.ts';

/** The agenda as a table, one line a visit, its stop's columns beside it: what a spreadsheet takes and gives back. */
export const AGENDA_COLUMNS = [
  'id',
  'van',
  'date',
  'from',
  'to',
  'stop',
  'name',
  'commune',
  'lat',
  'lon',
  'radius',
  'address',
  'access',
  'services',
  'cancelled',
] as const;
type Column = (typeof AGENDA_COLUMNS)[number];
export type AgendaLine = Partial<Record<Column, string>>;

export function agendaTable(agenda: Agenda): Cell[][] {
  const stops = new Map(agenda.stops.map((stop) => [stop.id, stop]));
  return [
    [...AGENDA_COLUMNS],
    ...agenda.visits.map((visit) => {
      const stop = stops.get(visit.stop);
      const cells: Record<Column, Cell> = {
        id: visit.id,
        van: visit.van,
        date: visit.date,
        from: visit.from,
        to: visit.to,
        stop: visit.stop,
        name: stop?.name,
        commune: stop?.commune,
        lat: stop?.lat,
        lon: stop?.lon,
        radius: stop?.radius,
        address: stop?.address,
        access: stop?.access,
        services: (visit.services ?? stop?.services)?.join(', '),
        cancelled: visit.cancelled?.reason,
      };
      return AGENDA_COLUMNS.map((column) => cells[column]);
    }),
  ];
}

const DEFAULT_RADIUS_M = 80;

/**
 * Lines back into stops and visits over the agenda that is edited: a known id is changed, a new one added, what the
 * table does not name stays. Not checked here: the agenda's schema is the one judge.
 */
export function mergeTable(base: Agenda, lines: readonly AgendaLine[]): unknown {
  const stops = new Map<string, unknown>(base.stops.map((stop) => [stop.id, stop]));
  const visits = new Map<string, unknown>(base.visits.map((visit) => [visit.id, visit]));
  for (const line of lines) {
    const text = (column: Column) => line[column]?.trim().replace(/^'(?=[=+\-@])/, '') || undefined;
    const number = (column: Column) => {
      const value = text(column);
      return value === undefined ? undefined : Number(value.replace(',', '.'));
    };
    const stop = text('stop');
    const id = text('id') ?? `${text('date')}-${stop}`;
    const services = text('services')?.split(/\s*,\s*/);
    const heldStop = stops.get(stop ?? '') as Stop | undefined;
    if (stop)
      stops.set(stop, {
        radius: DEFAULT_RADIUS_M,
        ...heldStop,
        id: stop,
        ...present('name', text('name')),
        ...present('commune', text('commune')),
        ...present('lat', number('lat')),
        ...present('lon', number('lon')),
        ...present('radius', number('radius')),
        ...present('address', text('address')),
        ...present('access', text('access')),
      });
    const cancelled = text('cancelled');
    visits.set(id, {
      ...(visits.get(id) as Visit | undefined),
      id,
      ...present('stop', stop),
      ...present('van', text('van')),
      ...present('date', text('date')),
      ...present('from', text('from')),
      ...present('to', text('to')),
      ...present('services', services),
      ...(cancelled === undefined ? {} : { cancelled: { reason: cancelled } }),
    });
  }
  return { ...base, stops: [...stops.values()], visits: [...visits.values()] };
}
