/**
 * Tells systemd the truth: READY=1, WATCHDOG=1, STATUS=…, STOPPING=1. Node has no Unix datagram socket, so libsystemd
 * is called through koffi; off systemd, or without either, it does nothing.
 */
type Notify = (state: string) => void;

async function load(): Promise<Notify> {
  if (!process.env.NOTIFY_SOCKET) return () => {};
  try {
    const { default: koffi } = await import('koffi');
    const notify = koffi.load('libsystemd.so.0').func('int sd_notify(int, const char *)');
    return (state) => void notify(0, state);
  } catch {
    const { spawn } = await import('node:child_process');
    return (state) => void spawn('systemd-notify', [state], { stdio: 'ignore' }).on('error', () => {});
  }
}

let notify: Promise<Notify> | undefined;

export async function sdNotify(state: string): Promise<void> {
  notify ??= load();
  (await notify)(state);
}
