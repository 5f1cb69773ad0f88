import type { FastifyInstance } from 'fastify';
import { accountOf, type CommuneMonth, type LedgerEntry } from '../../core/accounting.ts';
import { type Cell, csvOf } from '../../core/csv.ts';
import { monthSpan } from '../../core/days.ts';
import type { RouteDeps } from './deps.ts';

type Month = { Params: { month: string } };

/** What was held, by commune and month: page, CSV by commune, CSV by visit. */
export function addAccountingRoutes(app: FastifyInstance, deps: RouteDeps): void {
  const { ledger, agenda } = deps;
  const reader = { config: { role: 'reader' as const }, schema: { tags: ['accounting'] } };

  const monthOf = async (month: string) => {
    if (!/^\d{4}-(0[1-9]|1[0-2])$/.test(month))
      throw Object.assign(new Error('expected YYYY-MM'), { statusCode: 400 });
    const entries = await ledger.month(month);
    const held = agenda.current();
    const stops = new Map(held?.stops.map((stop) => [stop.id, stop]));
    const names = new Map(held?.stops.map((stop) => [stop.commune, stop.name.split(',')[0]!]));
    const following = new Map<string, string>();
    const after = monthSpan(month).next;
    for (const visit of held?.visits ?? []) {
      const commune = stops.get(visit.stop)?.commune;
      if (!commune || visit.cancelled || visit.date < after) continue;
      if (visit.date < (following.get(commune) ?? '9999')) following.set(commune, visit.date);
    }
    return { entries, communes: accountOf(entries, names, following) };
  };
  app.get<Month>('/api/accounting/:month', reader, async (request) => ({
    month: request.params.month,
    communes: (await monthOf(request.params.month)).communes,
  }));
  for (const [path, table] of [
    ['communes', async (month: string) => communesTable((await monthOf(month)).communes)],
    ['visits', async (month: string) => visitsTable((await monthOf(month)).entries)],
  ] as const)
    app.get<Month>(`/api/accounting/:month/${path}.csv`, reader, async (request, reply) => {
      const { month } = request.params;
      const text = csvOf(await table(month));
      return reply
        .type('text/csv; charset=utf-8')
        .header('content-disposition', `attachment; filename="bilan-${month}-${path}.csv"`)
        .send(text);
    });
}

const communesTable = (communes: readonly CommuneMonth[]): Cell[][] => [
  [
    'commune',
    'nom',
    'prévus',
    'tenus',
    'minutes prévues',
    'minutes sur place',
    'minutes ouvertes',
    'en retard',
    'non venus',
    'annulés',
    'sans nouvelles',
    'corrigés',
    'motifs',
    'prochain',
  ],
  ...communes.map((c): Cell[] => [
    c.commune,
    c.name,
    c.planned,
    c.held,
    c.plannedMin,
    c.presentMin,
    c.openMin,
    c.late,
    c.missed,
    c.cancelled,
    c.unknown,
    c.corrected,
    c.reasons.join(' / '),
    c.next,
  ]),
];

const visitsTable = (entries: readonly LedgerEntry[]): Cell[][] => [
  [
    'passage',
    'date',
    'de',
    'à',
    'commune',
    'lieu',
    'véhicule',
    'état',
    'source',
    'arrivée',
    'départ',
    'minutes sur place',
    'minutes ouvertes',
    'retard',
    'motif',
  ],
  ...entries.map((e): Cell[] => [
    e.visit,
    e.date,
    e.from,
    e.to,
    e.commune,
    e.name,
    e.van,
    e.state,
    e.source,
    e.arrivedAt,
    e.leftAt,
    e.presentMin,
    e.openMin,
    e.lateMin,
    e.reason,
  ]),
];
