import type { Language } from '../../../web/format.ts';

/** «Me prévenir»: shown only where the phone can; nothing is asked before the button is pressed. */
const keyBytes = (text: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(atob(text.replace(/-/g, '+').replace(/_/g, '/')), (c) => c.charCodeAt(0));

export function startPush(language: Language): void {
  const row = document.getElementById('tell-me');
  const key = row?.dataset.key;
  const commune = row?.dataset.commune;
  const button = row?.querySelector('button');
  const words = row?.querySelector('p');
  if (!row || !key || !commune || !button || !words) return;
  if (!('serviceWorker' in navigator) || !('PushManager' in window)) return;
  row.hidden = false;
  const idle = words.textContent;

  const send = (method: 'POST' | 'DELETE', subscription: PushSubscription) =>
    fetch('/public/v1/push/subscriptions', {
      method,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ ...subscription.toJSON(), commune, language }),
    }).then((answer) => {
      if (!answer.ok) throw new Error(`${answer.status}`);
    });

  const mark = (isOn: boolean) => {
    button.textContent = (isOn ? button.dataset.off : button.dataset.on) ?? '';
    button.setAttribute('aria-pressed', `${isOn}`);
    words.textContent = isOn ? (words.dataset.on ?? '') : idle;
    try {
      if (isOn) localStorage.setItem(`push ${commune}`, '1');
      else localStorage.removeItem(`push ${commune}`);
    } catch {
      // Without a memory the button only cannot say that it is already on.
    }
  };
  const isKept = () => {
    try {
      return localStorage.getItem(`push ${commune}`) === '1';
    } catch {
      return false;
    }
  };
  if (isKept() && Notification.permission === 'granted') mark(true);

  button.addEventListener('click', async () => {
    button.disabled = true;
    try {
      const { pushManager } = await navigator.serviceWorker.ready;
      const known = await pushManager.getSubscription();
      if (button.getAttribute('aria-pressed') === 'true') {
        if (known) await send('DELETE', known);
        mark(false);
      } else {
        const options = { userVisibleOnly: true, applicationServerKey: keyBytes(key) };
        await send('POST', known ?? (await pushManager.subscribe(options)));
        mark(true);
      }
    } catch {
      words.textContent = words.dataset.refused ?? '';
    }
    button.disabled = false;
  });
}
