import { gsm7 } from '../../visit/sms.ts';

/**
 * The text of an SMS as the modem must be given it (3GPP TS 23.038): GSM 7-bit where every character has a code, else
 * UCS2, else with its accents dropped so that it fits. One message, never a chain.
 */
export type SmsForm =
  | { readonly charset: 'GSM'; readonly bytes: Uint8Array }
  | { readonly charset: 'UCS2'; readonly hex: string };

const GSM_CHARACTERS = 160;
const UCS2_CHARACTERS = 70;

/** Codes that differ from ASCII; `@` is 0, which some modems take for the end, so it is not used. */
const GSM: Readonly<Record<string, number>> = {
  '£': 0x01,
  $: 0x02,
  '¥': 0x03,
  è: 0x04,
  é: 0x05,
  ù: 0x06,
  ì: 0x07,
  ò: 0x08,
  Ç: 0x09,
  _: 0x11,
  É: 0x1f,
  à: 0x7f,
  ä: 0x7b,
  ö: 0x7c,
  ñ: 0x7d,
  ü: 0x7e,
};
const SAME_AS_ASCII = /^[\n A-Za-z0-9!"#%&'()*+,\-./:;<=>?]$/;

/** `undefined` when a character has no code of its own. */
function gsmBytes(text: string): Uint8Array | undefined {
  const bytes: number[] = [];
  for (const character of text) {
    const code = SAME_AS_ASCII.test(character) ? character.charCodeAt(0) : GSM[character];
    if (code === undefined) return undefined;
    bytes.push(code);
  }
  return Uint8Array.from(bytes);
}

/** Typographic marks have a plain form that says the same. */
const plain = (text: string) =>
  text
    .replace(/[\u2018\u2019]/g, "'")
    .replace(/[«»\u201c\u201d]\u00a0?/g, '"')
    .replace(/[\u2013\u2014]/g, '-')
    .replace(/\u2026/g, '...')
    .replace(/[\u00a0\u202f]/g, ' ')
    .replace(/\p{Cc}/gu, (c) => (c === '\n' ? c : ' '));

export function smsForm(text: string): SmsForm {
  const simple = plain(text).trim();
  const gsm = gsmBytes(simple);
  if (gsm) return { charset: 'GSM', bytes: gsm.subarray(0, GSM_CHARACTERS) };
  if (simple.length <= UCS2_CHARACTERS) return { charset: 'UCS2', hex: ucs2(simple) };
  const bare = [...gsm7(simple)].map((c) => (gsmBytes(c) ? c : '?')).join('');
  return { charset: 'GSM', bytes: gsmBytes(bare)!.subarray(0, GSM_CHARACTERS) };
}

/** Four hex digits a UTF-16 unit. */
export const ucs2 = (text: string): string =>
  Array.from({ length: text.length }, (_, i) =>
    text.charCodeAt(i).toString(16).toUpperCase().padStart(4, '0'),
  ).join('');

/** A number that may be dialled: digits, at most one leading +. */
export const isPhoneNumber = (text: string): boolean => /^\+?\d{3,18}$/.test(text);
