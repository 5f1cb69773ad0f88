import type { LinkReading } from '../../protocol/readings.ts';
import { cpsi, qeng } from './at/cells.ts';
import { type Argument, argumentsOf, type LinkPart } from './at/fields.ts';
import { attached, networkInfo, operator, registration, sim } from './at/network.ts';
import { cesq, csq, qcsq } from './at/signal.ts';
import { present } from './present.ts';

/**
 * Replies of a modem to AT commands, line by line. A reply is CR LF text CR LF; an echo, OK, ERROR and lines that
 * nobody asked for may stand anywhere, so each line is read for itself: `+NAME: arguments`. What the modem gives as
 * unknown (99, 255, -32768, `-`) is absent; a line that is not understood is nothing.
 */

/** Longer lines are cut off and counted (hazards.md §2.4). */
const MAX_LINE_BYTES = 4096;

export type AtReply = {
  /** As the modem wrote it: `+CSQ`, `+CME ERROR`. */
  readonly command: string;
  readonly reading: LinkReading;
  /** The code or the text of +CME ERROR and +CMS ERROR, unquoted. */
  readonly error?: string;
};

type Reader = (args: readonly Argument[]) => LinkPart | undefined;
const READERS: Readonly<Record<string, Reader>> = {
  '+CSQ': csq,
  '+CESQ': cesq,
  '+CREG': registration,
  '+CGREG': registration,
  '+CEREG': registration,
  '+C5GREG': registration,
  '+COPS': operator,
  '+CPIN': sim,
  '+CGATT': attached,
  '+QCSQ': qcsq,
  '+QENG': qeng,
  '+QNWINFO': networkInfo,
  '+CPSI': cpsi,
};

const REPLY = /^\s*(\+[A-Za-z0-9]+(?: ERROR)?) *:(.*)$/;

/** What one line of the modem says, or `undefined` when it says nothing of the link. */
export function readReply(line: string): AtReply | undefined {
  const match = REPLY.exec(line);
  if (!match) return undefined;
  const command = match[1]!;
  const text = match[2]!.trim();
  const name = command.toUpperCase();
  if (name === '+CME ERROR' || name === '+CMS ERROR') {
    const error = text.replace(/^"(.*)"$/, '$1').trim();
    return error === '' ? undefined : { command, reading: {}, error };
  }
  const read = Object.hasOwn(READERS, name) ? READERS[name] : undefined;
  // `(…)` is the list of what is possible, the answer to `=?`.
  if (!read || text === '' || text.startsWith('(')) return undefined;
  const args = argumentsOf(text);
  const part = args && read(args);
  return part ? { command, reading: present<LinkReading>(part) } : undefined;
}

export type AtCounters = {
  bytes: number;
  lines: number;
  /** Replies understood. */
  replies: number;
  /** Lines of OK or ERROR: what says that a modem is here. */
  finals: number;
  /** Lines with bytes that no text holds, or too long. */
  noise: number;
};

export type AtReader = {
  /** Takes bytes as they come, cut anywhere; gives the replies of the lines that they complete. */
  push(chunk: Uint8Array): AtReply[];
  /** The end of the input: reads a last line that has no end. */
  flush(): AtReply[];
  readonly counters: Readonly<AtCounters>;
};

/** What a line that wakes up gives (NUL, 0xFF), before any text. */
const isGlitch = (byte: number) => byte < 0x20 || byte >= 0x7f;

export type LineSplitter = {
  push(chunk: Uint8Array): string[];
  flush(): string[];
  readonly counters: { noise: number };
};

/** Lines of text at CR or LF, empty ones left out, bytes ≥ 0x80 as UTF-8 where they are, else as Latin-1. */
export function makeLineSplitter(): LineSplitter {
  const counters = { noise: 0 };
  const bytes = new Uint8Array(MAX_LINE_BYTES);
  const utf8 = new TextDecoder('utf-8', { fatal: true });
  let length = 0;
  let spoilt = false;

  const textOf = (): string => {
    const line = bytes.subarray(0, length);
    try {
      return utf8.decode(line);
    } catch {
      let text = '';
      for (const byte of line) text += String.fromCharCode(byte);
      return text;
    }
  };
  const end = (): string[] => {
    const lines = spoilt || length === 0 ? [] : [textOf()];
    if (spoilt) counters.noise++;
    length = 0;
    spoilt = false;
    return lines;
  };
  return {
    push(chunk) {
      const lines: string[] = [];
      for (const byte of chunk) {
        if (byte === 0x0d || byte === 0x0a) lines.push(...end());
        else if (spoilt || (length === 0 && isGlitch(byte))) continue;
        else if ((byte < 0x20 && byte !== 0x09) || byte === 0x7f || length === MAX_LINE_BYTES) spoilt = true;
        else bytes[length++] = byte;
      }
      return lines;
    },
    flush: end,
    counters,
  };
}

/** Bytes of a modem's AT port → replies. */
export function makeAtReader(): AtReader {
  const splitter = makeLineSplitter();
  const own = { bytes: 0, lines: 0, replies: 0, finals: 0 };
  const read = (lines: readonly string[]): AtReply[] => {
    const replies: AtReply[] = [];
    for (const line of lines) {
      own.lines++;
      if (/^\s*(OK|ERROR)\s*$/.test(line)) own.finals++;
      const reply = readReply(line);
      if (reply) replies.push(reply);
    }
    own.replies += replies.length;
    return replies;
  };
  return {
    push(chunk) {
      own.bytes += chunk.length;
      return read(splitter.push(chunk));
    },
    flush: () => read(splitter.flush()),
    get counters() {
      return { ...own, noise: splitter.counters.noise };
    },
  };
}
