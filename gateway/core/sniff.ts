import { makeAtReader } from './at.ts';
import { makeSentenceScanner } from './lines.ts';
import { makeVedirectReader } from './vedirect.ts';

/**
 * What is on a port, by content: a shunt plugged where the GPS should be is said in words, and a baud rate is right when
 * checksums are. Of random bytes one line in 256 passes a checksum, so NMEA asks for two; a VE.Direct block passes one in
 * 256 only after a dozen well-formed fields; a modem answers OK or a reply to a command that was sent.
 */

export type PortContent = 'nmea' | 'vedirect' | 'at' | 'unknown';

const NMEA_SENTENCES = 2;

export type Sniffer = {
  /** Takes what the port gives; answers what it is as soon as that is sure. */
  push(chunk: Uint8Array): PortContent;
  readonly verdict: PortContent;
  /** Right and wrong checksums so far: to compare baud rates. */
  readonly valid: number;
  readonly wrong: number;
};

export function makeSniffer(): Sniffer {
  let sentences = 0;
  let wrong = 0;
  const scanner = makeSentenceScanner(
    () => sentences++,
    (fault) => {
      if (fault === 'checksum') wrong++;
    },
  );
  const vedirect = makeVedirectReader();
  const at = makeAtReader();

  const verdict = (): PortContent => {
    if (vedirect.counters.blocks > 0) return 'vedirect';
    if (sentences >= NMEA_SENTENCES) return 'nmea';
    const { replies, finals } = at.counters;
    return replies + finals > 0 ? 'at' : 'unknown';
  };
  return {
    push(chunk) {
      scanner.push(chunk);
      vedirect.push(chunk);
      at.push(chunk);
      return verdict();
    },
    get verdict() {
      return verdict();
    },
    get valid() {
      return sentences + vedirect.counters.blocks;
    },
    get wrong() {
      return wrong + vedirect.counters.checksum;
    },
  };
}
