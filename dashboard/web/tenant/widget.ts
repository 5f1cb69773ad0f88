/**
 * One line for the site of a town hall:
 *   <script src="https://agence.example.org/widget.js" data-commune="37130" async></script>
 * It puts a frame in its own place, and nothing else: no style, no cookie, nothing read from the page.
 */
const script = document.currentScript as HTMLScriptElement | null;
const commune = script?.dataset.commune ?? '';
if (script && /^\d[\dAB]\d{3}$/.test(commune)) {
  const language = script.dataset.lang === 'en' ? '?lang=en' : '';
  const frame = document.createElement('iframe');
  frame.src = `${new URL(script.src).origin}/c/${commune}/widget${language}`;
  frame.title = language ? 'The mobile agency' : "L'agence mobile";
  frame.width = '100%';
  frame.height = script.dataset.height ?? '320';
  frame.setAttribute('frameborder', '0');
  frame.loading = 'lazy';
  script.after(frame);
}
