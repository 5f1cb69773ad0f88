/**
 * What a UART at another rate makes of the line: 8N1 bits sampled at the reader's own pace from each falling edge. So a
 * wrong baud rate gives the same nonsense, and the same number of bytes, as in reality.
 */
export function resample(bytes: Uint8Array, sentBaud: number, readBaud: number): Uint8Array {
  if (sentBaud === readBaud) return bytes;
  const endBit = bytes.length * 10;
  /** Level of the line at `t`, in bits of the sender: start low, eight bits, stop high; idle high. */
  const high = (t: number): boolean => {
    const bit = Math.floor(t);
    if (bit >= endBit) return true;
    const position = bit % 10;
    if (position === 0) return false;
    return position === 9 || ((bytes[Math.floor(bit / 10)]! >> (position - 1)) & 1) === 1;
  };
  const readBit = sentBaud / readBaud;
  const step = Math.min(1, readBit) / 16;
  const read: number[] = [];
  for (let t = 0; t < endBit; ) {
    if (high(t)) {
      t += step;
      continue;
    }
    let byte = 0;
    for (let bit = 0; bit < 8; bit++) if (high(t + readBit * (1.5 + bit))) byte |= 1 << bit;
    read.push(byte);
    t += readBit * 9.5;
    // A stop bit that is low is a framing error: wait for the line to rise.
    while (t < endBit && !high(t)) t += step;
  }
  return Uint8Array.from(read);
}
