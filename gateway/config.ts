import * as z from 'zod';
import { VanId } from '../protocol/van.ts';
import { Duration } from '../runtime/duration.ts';
import { ALTERNATORS } from './core/motor.ts';
import { POWER_CYCLE } from './core/powerCycle.ts';
import { type DeviceKind, parseSourceUrl } from './core/sourceUrl.ts';
import { AlertsSection, DataPlanSection, DutySection, SmsSection } from './driverConfig.ts';

/**
 * The gateway's configuration (DESIGN §8): read once, checked whole, frozen; each part is given only its section.
 * `config/gateway.example.yaml` comments every key and is loaded by a test.
 */

/** Where a device's bytes come from: `core/sourceUrl.ts` says which forms there are, and which suit the device. */
const sourceOf = (device: DeviceKind) =>
  z.string().superRefine((url, context) => {
    const parsed = parseSourceUrl(url, device);
    if (typeof parsed === 'string') context.addIssue({ code: 'custom', message: parsed });
  });
const HttpUrl = z
  .string()
  .regex(/^http:\/\/[^/\s]+:\d{1,5}\/?$/, 'expected an address such as http://0.0.0.0:8081');

/** How long received rows stay, and the cap of the file. */
export const JOURNAL_DEFAULTS = { retention: 14 * 86_400_000, sizeMb: 256 };

const isLoopback = (url: string) => /^mqtt:\/\/(localhost|127\.|\[::1\])/.test(url);

export const GatewayConfig = z
  .strictObject({
    van: VanId,
    sources: z.strictObject({
      gps: sourceOf('gps'),
      power: sourceOf('power').optional(),
      modem: sourceOf('modem').optional(),
    }),
    modem: z
      .strictObject({
        /** Text file with the SIM's PIN; it is tried once, never twice. */
        pinFile: z.string().min(1).optional(),
        /** How the modem's supply is cut when nothing else brings its data back. */
        powerCycle: z
          .string()
          .regex(POWER_CYCLE, 'expected usb:1-1.2, gpio:gpiochip0/17 or gpio:gpiochip0/17/low')
          .optional(),
      })
      .optional(),
    /** SQLite file; its folder must be writable and is never shared. */
    journal: z.union([
      z.string().min(1),
      z.strictObject({
        path: z.string().min(1),
        /** How long received rows stay. */
        retention: Duration.default(JOURNAL_DEFAULTS.retention),
        sizeMb: z.number().int().min(16).max(100_000).default(JOURNAL_DEFAULTS.sizeMb),
      }),
    ]),
    broker: z.string().regex(/^mqtts?:\/\/[^/\s]+$/, 'expected mqtts://host:8883, or mqtt:// on loopback'),
    cab: z
      .union([
        HttpUrl,
        z.strictObject({
          http: HttpUrl,
          pinFile: z.string().min(1).optional(),
          /** Names by which the page may be asked for, beside addresses, `localhost` and `<van>.local`. */
          hosts: z.array(z.string().min(1).max(80)).max(10).optional(),
        }),
      ])
      .optional(),
    /** Text file with the van's secret; mode 0600. */
    secretFile: z.string().min(1).optional(),
    tls: z
      .strictObject({
        caFile: z.string().min(1).optional(),
        certFile: z.string().min(1).optional(),
        keyFile: z.string().min(1).optional(),
      })
      .optional(),
    /** `agenda`: first window − 60 min to last window + 60 min; `always` is a setting for the bench. */
    duty: DutySection.default('agenda'),
    /** Of the van's engine: a smart alternator charges at any voltage, so that less is proven by it. */
    power: z.strictObject({ alternator: z.enum(ALTERNATORS).default('smart') }).optional(),
    alerts: AlertsSection.optional(),
    sms: SmsSection.optional(),
    dataPlan: DataPlanSection.optional(),
    presence: z
      .strictObject({
        /** The halt that GPS alone must show. */
        dwell: Duration.optional(),
        startStop: z.boolean().optional(),
      })
      .optional(),
    timezone: z.string().min(1).default('Europe/Paris'),
  })
  .superRefine((config, context) => {
    if (config.broker.startsWith('mqtt://') && !isLoopback(config.broker))
      context.addIssue({
        code: 'custom',
        path: ['broker'],
        message: 'expected mqtts:// outside loopback (there is no insecure fallback)',
      });
  });
export type GatewayConfig = z.infer<typeof GatewayConfig>;
