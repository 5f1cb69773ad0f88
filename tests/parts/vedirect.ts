/** A VE.Direct block of these fields: CR LF label TAB value …, Checksum, and the byte that makes the sum zero. */
export function block(fields: Readonly<Record<string, string>>): Buffer {
  const lines = Object.entries(fields).map(([label, value]) => `\r\n${label}\t${value}`);
  const body = Buffer.from(`${lines.join('')}\r\nChecksum\t`, 'latin1');
  const sum = body.reduce((total, byte) => total + byte, 0);
  return Buffer.concat([body, Buffer.from([(256 - (sum % 256)) % 256])]);
}

/** A block with a serial number such that the checksum byte is `wanted`. */
export function blockWithChecksum(wanted: number): Buffer {
  for (let code = 0; code < 300; code++) {
    const filler = [0, 1, 2, 3].map((i) =>
      String.fromCharCode(0x30 + Math.min(75, Math.max(0, code - 75 * i))),
    );
    const bytes = block({ PID: '0x203', V: '12065', 'SER#': filler.join('') });
    if (bytes.at(-1) === wanted) return bytes;
  }
  throw new Error(`no block ends in ${wanted}`);
}
