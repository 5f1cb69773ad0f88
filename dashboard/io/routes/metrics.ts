import type { FastifyInstance } from 'fastify';
import { Gauge, Registry } from 'prom-client';
import { FRESHNESS } from '../../core/vanView.ts';
import type { RouteDeps } from './deps.ts';

/** Prometheus' text format; a scraper takes a token with the scope `reader`. No position is a metric. */
export function addMetricsRoute(app: FastifyInstance, deps: RouteDeps): void {
  const { views, live, clock } = deps;
  const registry = new Registry();
  const gauge = (name: string, help: string, labelNames: string[] = []) =>
    new Gauge({ name: `tournee_${name}`, help, labelNames, registers: [registry] });
  const state = gauge('van_state', '1 for the state that the van is in', ['van', 'state']);
  const heard = gauge('van_heard_age_seconds', 'since anything was heard from the van', ['van']);
  const backlog = gauge('van_backlog_rows', 'rows that the van says it has still to send', ['van']);
  const soc = gauge('van_battery_percent', 'state of charge of the house battery', ['van']);
  const alerts = gauge('van_alerts_open', 'open episodes that nobody has seen', ['van']);
  const devices = gauge(
    'van_device_count',
    'what the readers of a device on board counted since their start (docs/DEVICES.md), as last told',
    ['van', 'device', 'count'],
  );
  const streams = gauge('live_streams', 'open streams of the staff page');
  const counters = gauge('counter', 'counters of the parts, by name', ['name']);

  app.get('/metrics', { config: { role: 'reader' }, schema: { hide: true } }, async (_request, reply) => {
    registry.resetMetrics();
    for (const { view } of views.state().vans.values()) {
      const { van } = view;
      for (const word of FRESHNESS) state.set({ van, state: word }, view.freshness === word ? 1 : 0);
      if (view.heardAt) heard.set({ van }, (clock.nowMs() - Date.parse(view.heardAt)) / 1000);
      if (view.backlog) backlog.set({ van }, view.backlog.rows);
      if (view.power?.soc !== undefined) soc.set({ van }, view.power.soc);
      for (const { what, detail } of view.devices) {
        const device = /^(\w+)_counters$/.exec(what)?.[1];
        for (const [count, value] of Object.entries((device && detail) || {}))
          if (typeof value === 'number') devices.set({ van, device: device!, count }, value);
      }
      alerts.set({ van }, view.alerts.filter((alert) => !alert.acknowledged).length);
    }
    streams.set(live.streams());
    for (const [name, value] of Object.entries(deps.counters?.() ?? {})) counters.set({ name }, value);
    return reply.type(registry.contentType).send(await registry.metrics());
  });
}
