/** Nothing inline, nothing from elsewhere; a page may be framed by nobody. */
const csp = (ancestors: string) =>
  "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; " +
  `manifest-src 'self'; worker-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors ${ancestors}`;

/** Of the widget, which is made to be framed. */
export const CSP_FRAMED = csp('*');

export const PAGE_HEADERS = {
  'content-security-policy': csp("'none'"),
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'permissions-policy': 'geolocation=(), camera=(), microphone=()',
  'cross-origin-opener-policy': 'same-origin',
};
/** What any site may read. */
export const OPEN_HEADERS = {
  'x-content-type-options': 'nosniff',
  'access-control-allow-origin': '*',
  'cross-origin-resource-policy': 'cross-origin',
};
