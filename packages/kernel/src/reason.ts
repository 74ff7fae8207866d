/**
 * The first line of what went wrong, without its full stop, to stand inside a sentence; and the place, where the second
 * line of a syntax error is one (`file:line:column`). Looks at the message, not at the
 * class: what a user's file throws may come from another realm.
 */
export function reasonOf(error: unknown): string {
  const message = typeof error === 'object' && error !== null && 'message' in error ? String(error.message) : String(error);
  const [first = '', second = ''] = message.trim().split('\n').map((line) => line.trim());
  const place = /^\S.*:\d+:\d+$/.test(second) ? ` (${second})` : '';
  return first.replace(/[.:]$/, '') + place;
}
