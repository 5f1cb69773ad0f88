import * as z from 'zod';

/** The tenants' side of the depot's configuration: where it is reached, and how people are told (DESIGN §8). */
const Path = z.string().min(1).max(4096);

export const TenantsConfig = z.strictObject({
  /** Address of the tenants' pages as they know it, behind the proxy: in links, calendars and QR codes. */
  origin: z
    .string()
    .regex(/^https?:\/\/[^/\s]+\/?$/, 'expected an address such as https://agence.example.org')
    .transform((origin) => origin.replace(/\/$/, ''))
    .optional(),
  /** Who asked to be told; beside the store by default. Its key lies beside it. */
  notices: Path.optional(),
  /** «Me prévenir» on the phone itself. */
  push: z
    .strictObject({
      /** Where a push service may complain (RFC 8292 §2.1). */
      contact: z.string().regex(/^(mailto:.+@.+|https:\/\/.+)$/, 'expected mailto:… or https://…'),
    })
    .optional(),
  /** «Me prévenir» by text message, through an operator's HTTP gateway. */
  sms: z
    .strictObject({
      url: z.url({ protocol: /^https?$/ }),
      /** Sent as `Authorization: Bearer`. */
      secretFile: Path.optional(),
      /** `{to}` and `{text}` are put in: as JSON where it begins with a brace, else as a form. */
      body: z
        .string()
        .max(2000)
        .refine((body) => body.includes('{to}') && body.includes('{text}'), 'expected {to} and {text} in it')
        .default('{"to": {to}, "text": {text}}'),
      /** The gateway gives answers (STOP) to /public/v1/sms/incoming with this as `Authorization: Bearer`. */
      incomingSecretFile: Path.optional(),
    })
    .optional(),
});
export type TenantsConfig = z.infer<typeof TenantsConfig>;
