import { closeSync, openSync } from 'node:fs';
import { describe, expect, it, onTestFinished } from 'vitest';
import { guardPort, type UnixPort } from '../../../gateway/io/serialBinding.ts';

/** A port on a descriptor that gives 0 bytes for ever, as a tty does that was hung up. */
function hungUpPort() {
  const fd = openSync('/dev/null', 'r');
  onTestFinished(() => {
    if (port.fd !== null) closeSync(fd);
  });
  let tell: (error: null) => void = () => {};
  const port = {
    fd: fd as number | null,
    isOpen: true,
    poller: {
      on: (_: 'readable', then: (error: null) => void) => {
        tell = then;
      },
      poll: () => tell(null),
      stop: () => {},
    },
    read: () => Promise.reject(new Error('not guarded')),
    async close() {
      closeSync(fd);
      port.fd = null;
    },
  };
  guardPort(port as UnixPort);
  return port as UnixPort;
}

describe('a guarded port', () => {
  it('takes a read of 0 bytes for the hang-up that it is', async () => {
    await expect(hungUpPort().read(Buffer.alloc(8), 0, 8)).rejects.toMatchObject({
      message: 'hang-up: the port reads nothing',
      disconnect: true,
    });
  });

  it('reads no more once it is closing', async () => {
    const port = hungUpPort();
    await port.close();
    await expect(port.read(Buffer.alloc(8), 0, 8)).rejects.toMatchObject({ canceled: true });
  });
});
