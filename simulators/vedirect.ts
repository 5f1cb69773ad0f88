import type { BatteryState } from './battery.ts';

/**
 * A SmartShunt on its VE.Direct port: two blocks in turn, one every half second or so, each ending in one raw byte that
 * makes the sum of all its bytes 0 mod 256; HEX frames between and inside them on demand (devices.md §2).
 */
type Fields = readonly (readonly [label: string, value: string])[];

/** A block from its first CR to the checksum byte. */
export function encodeBlock(fields: Fields): Buffer {
  const text = `${fields.map(([label, value]) => `\r\n${label}\t${value}`).join('')}\r\nChecksum\t`;
  const bytes = Buffer.from(text, 'latin1');
  const sum = bytes.reduce((total, byte) => (total + byte) & 0xff, 0);
  return Buffer.concat([bytes, Buffer.from([(256 - sum) & 0xff])]);
}

/** A HEX frame: command nibble, bytes, and a check byte that makes the sum 0x55. */
export function hexFrame(command: number, bytes: readonly number[]): Buffer {
  const check = (0x55 - command - bytes.reduce((a, b) => a + b, 0)) & 0xff;
  const pairs = [...bytes, check].map((b) => b.toString(16).toUpperCase().padStart(2, '0'));
  return Buffer.from(`:${command.toString(16).toUpperCase()}${pairs.join('')}\n`, 'latin1');
}

const milli = (value: number) => String(Math.round(value * 1000));

/** The block of live values. */
function liveBlock(s: BatteryState): Fields {
  const low = s.houseV < 11.9 || s.soc < 10;
  return [
    ['PID', '0xA389'],
    ['V', milli(s.houseV)],
    ['VS', milli(s.starterV)],
    ['I', milli(s.houseA)],
    ['P', String(Math.round(s.houseV * s.houseA))],
    ['CE', milli(s.consumedAh)],
    ['SOC', String(Math.round(s.soc * 10))],
    ['TTG', String(s.timeToGoMin ?? -1)],
    ['Alarm', low ? 'ON' : 'OFF'],
    ['AR', String((s.houseV < 11.9 ? 1 : 0) + (s.soc < 10 ? 4 : 0))],
    ['BMV', 'SmartShunt 500A/50mV'],
    ['FW', '0416'],
    ['MON', '0'],
  ];
}

/** The block of history. */
function historyBlock(s: BatteryState): Fields {
  return [
    ['H1', '-152300'],
    ['H2', milli(s.consumedAh)],
    ['H3', '-61210'],
    ['H4', '41'],
    ['H5', '0'],
    ['H6', '-2841200'],
    ['H7', '11480'],
    ['H8', '14410'],
    ['H9', '86400'],
    ['H10', '12'],
    ['H11', '2'],
    ['H12', '0'],
    ['H15', '10120'],
    ['H16', '14520'],
    ['H17', '3510'],
    ['H18', '3860'],
  ];
}

/** Alternates the two blocks. `hexInText` puts a frame inside the block as well as behind it. */
export function makeShunt() {
  let turn = 0;
  return (state: BatteryState, hexInText: boolean): Buffer => {
    const block = encodeBlock(turn++ % 2 === 0 ? liveBlock(state) : historyBlock(state));
    if (!hexInText) return block;
    const frame = hexFrame(0xa, [0x8d, 0xed, 0x00, ...littleEndian(Math.round(state.houseV * 100))]);
    // Inside means between two fields: before a CR.
    const cut = block.indexOf('\r\n', Math.floor(block.length / 2));
    return cut < 0
      ? Buffer.concat([block, frame])
      : Buffer.concat([block.subarray(0, cut), frame, block.subarray(cut), frame]);
  };
}

const littleEndian = (value: number) => [value & 0xff, (value >> 8) & 0xff];
