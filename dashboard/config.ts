import * as z from 'zod';
import { VanId } from '../protocol/van.ts';
import { Duration } from '../runtime/duration.ts';
import { TenantsConfig } from './tenantsConfig.ts';

/**
 * The depot's configuration (DESIGN §8): read once, checked whole, frozen; each part is given only its section.
 * `config/depot.example.yaml` comments every key and is loaded by a test.
 */
const HttpUrl = z
  .string()
  .regex(/^http:\/\/[^/\s]+:\d{1,5}\/?$/, 'expected an address such as http://127.0.0.1:8080');
const Path = z.string().min(1).max(4096);

export const isLoopback = (url: string): boolean =>
  /^[a-z]+:\/\/(localhost|127\.\d+\.\d+\.\d+|\[::1\])(:|\/|$)/.test(url);

const DAY_MS = 86_400_000;

const BrokerUrl = z
  .string()
  .regex(/^mqtts?:\/\/[^/\s]+$/, 'expected an address such as mqtt://127.0.0.1:1883 or mqtts://host:8883');
const Tls = z.strictObject({ caFile: Path.optional(), certFile: Path.optional(), keyFile: Path.optional() });

/** Where the operator's own map comes from; without it the schematic one. No outside tile by default. */
const Basemap = z.strictObject({
  geojson: Path.optional(),
  /** Raster tiles; the host is added to the page's CSP. */
  raster: z.url({ protocol: /^https?$/ }).optional(),
  attribution: z.string().max(200).optional(),
});

export const DepotConfig = z
  .strictObject({
    /** A listen address starts the broker inside; `connect` names one outside. */
    broker: z.union([
      BrokerUrl,
      z.strictObject({ listen: BrokerUrl, tls: Tls.optional() }),
      z.strictObject({
        connect: BrokerUrl,
        tls: Tls.optional(),
        /** The depot's own credential there. */
        user: z.string().min(1).max(64).optional(),
        secretFile: Path.optional(),
      }),
    ]),
    http: HttpUrl,
    /** Splits the staff's pages from the tenants' (another origin). */
    staffHttp: HttpUrl.optional(),
    store: z.string().regex(/^(sqlite:.+|postgres(ql)?:\/\/.+)$/, 'expected sqlite:PATH or postgres://…'),
    /** What the office writes: accounts, corrections, agenda versions, journals. SQLite; beside the store by default. */
    office: Path.optional(),
    agenda: Path,
    vans: z
      .array(
        z.strictObject({
          id: VanId,
          secretFile: Path.optional(),
          name: z.string().min(1).max(60).optional(),
        }),
      )
      .max(1000)
      .default([]),
    /** `none` only on loopback: shown as a banner. `password`: accounts in the office file. */
    auth: z.enum(['none', 'password']).default('password'),
    /** The telephone that tenants call when a page cannot be trusted. */
    phone: z.string().min(3).max(30).optional(),
    basemap: Basemap.optional(),
    /** Their address, and how they are told. */
    tenants: TenantsConfig.optional(),
    retention: z
      .strictObject({
        /** Raw positions (CNIL, délibération 2015-165: two months). */
        positions: Duration.default(60 * DAY_MS),
        /** Verdicts of visits: proof of a service. */
        visits: Duration.default(365 * DAY_MS),
        /** The journal of who looked at what. */
        access: Duration.default(365 * DAY_MS),
      })
      .prefault({}),
    webhooks: z
      .array(
        z.strictObject({
          url: z.url({ protocol: /^https?$/ }),
          secretFile: Path,
          events: z.array(z.enum(['visit', 'alert', 'van'])).min(1),
        }),
      )
      .max(20)
      .default([]),
  })
  .superRefine((config, context) => {
    if (config.auth === 'none' && !isLoopback(config.staffHttp ?? config.http))
      context.addIssue({
        code: 'custom',
        path: ['auth'],
        message: 'expected password: none is accepted only on loopback',
      });
    const ids = config.vans.map((van) => van.id);
    ids.forEach((id, n) => {
      if (ids.indexOf(id) !== n)
        context.addIssue({ code: 'custom', path: ['vans', n, 'id'], message: 'expected each van once' });
    });
  });
export type DepotConfig = z.infer<typeof DepotConfig>;
