/** `node --import` of this file: importing JSON as a module fails, as it does before Node 20.10. */
import { register } from 'node:module';

const hooks = `export async function load(url, context, next) {
  if (new URL(url).pathname.endsWith('.json')) throw new SyntaxError('JSON as a module: ' + url);
  return next(url, context);
}`;
register(`data:text/javascript,${encodeURIComponent(hooks)}`);
