/**
 * The first line of what went wrong, without its full stop, to stand inside a sentence. Looks at the message, not at the
 * class: what a user's file throws may come from another realm.
 */
export function reasonOf(error: unknown): string {
  const message = typeof error === 'object' && error !== null && 'message' in error ? String(error.message) : String(error);
  return message.trim().split('\n')[0]!.replace(/\.$/, '');
}
