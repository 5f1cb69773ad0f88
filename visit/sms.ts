import type { Language } from './format.ts';
import type { PublicStatement } from './statement.ts';

/** The statement as a text message: the same words, commune first, ≤ 160 characters of the GSM 7-bit alphabet. */
export const SMS_MAX = 160;

/** 3GPP TS 23.038 §6.2.1, the basic table; the extension table costs two and is not used. */
const GSM7 =
  '@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !"#¤%&\'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà';
const ALPHABET = new Set(GSM7);
const REPLACED: Record<string, string> = {
  '’': "'",
  '«': '"',
  '»': '"',
  '–': '-',
  '—': '-',
  œ: 'oe',
  Œ: 'OE',
  '…': '...',
};

/** Without accents (phones of every age show it alike); what the alphabet has no letter for becomes a blank. */
export function gsm7(text: string): string {
  const plain = text.normalize('NFD').replace(/\p{M}/gu, '');
  return [...plain]
    .map((c) => REPLACED[c] ?? (ALPHABET.has(c) && c !== '\n' && c !== '\r' ? c : ' '))
    .join('')
    .replace(/ {2,}/g, ' ')
    .trim();
}

/** `9 h 24` → `9h24`, `12 h` → `12h`: every character counts. */
const tight = (text: string) => text.replace(/(\d) h (?=\d)/g, '$1h').replace(/(\d) h\b/g, '$1h');

const shortened = (text: string, max: number) =>
  text.length <= max ? text : `${text.slice(0, Math.max(0, max - 1)).trimEnd()}.`;

/** «Here and open» has a shorter form in a message; everything else is said as it is. */
const SHORTER: Record<Language, readonly [RegExp, string]> = {
  fr: [
    /^L'agence est là et vous reçoit, jusqu'à (.+?)\. Arrivée à (.+?)\./,
    "L'agence est arrivée ($2). Ouverte jusqu'à $1.",
  ],
  en: [
    /^The agency is here and open until (.+?)\. Arrived (.+?)\./,
    'The agency has arrived ($2). Open until $1.',
  ],
};

/**
 * `Ligueil: l'agence est arrivee (9h24). Ouverte jusqu'a 12h.` When it is too long, the middle (a reason, a place)
 * is cut, never the state or the next date.
 */
export function smsOf(statement: PublicStatement, commune: string, language: Language): string {
  const sentence = tight(gsm7(statement.sentence[language].replace(...SHORTER[language])));
  const head = shortened(gsm7(commune), 40);
  const tail = statement.following ? ` ${tight(gsm7(statement.following[language]))}` : '';
  const lead = language === 'fr' ? sentence[0]!.toLowerCase() + sentence.slice(1) : sentence;
  return `${head}: ${shortened(lead, SMS_MAX - head.length - 2 - tail.length)}${tail}`;
}
