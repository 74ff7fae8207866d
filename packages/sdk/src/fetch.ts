import { getProxyForUrl } from 'proxy-from-env';
import type { Dispatcher, Response } from 'undici';

export interface FetchOptions {
  headers?: Record<string, string>;
  signal?: AbortSignal;
  /** Milliseconds until a connection must be there. Default 15 seconds. */
  connecting?: number;
}

/** An address that is not followed, or an answer that is not taken: to ask again would not help. */
export class FetchRefusal extends Error {
  override readonly name = 'FetchRefusal';
}

const mostRedirects = 5;
const agents = new Map<string, Dispatcher>();

/**
 * `fetch` through the proxy that the environment names for this address: HTTPS_PROXY, HTTP_PROXY or ALL_PROXY, in capitals or
 * not, but not to hosts in NO_PROXY. (Node's own knows them from version 24 on, and only if told to.) Five redirects are followed, from https to https alone.
 * A name and password in the address become a header, which no other origin gets.
 * @throws FetchRefusal for what is neither http nor https, and for redirects that are not followed; what fetch throws
 */
export async function fetchThroughProxy(address: string | URL, options: FetchOptions = {}): Promise<Response> {
  // Nearly a hundred files, which most commands do not need.
  const undici = await import('undici');
  let url = new URL(address);
  const first = url.origin;
  for (let redirects = 0; ; redirects += 1) {
    if (url.protocol !== 'http:' && url.protocol !== 'https:') throw new FetchRefusal(`${url.protocol} is neither http: nor https:`);
    const { headers, ...rest } = options;
    const response = await undici.fetch(withoutCredentials(url), {
      ...rest, headers: { ...(url.origin === first ? headers : withoutSecrets(headers)), ...credentials(url) }, redirect: 'manual', dispatcher: dispatcherFor(undici, url, options.connecting ?? 15_000),
    });
    const to = [301, 302, 303, 307, 308].includes(response.status) ? response.headers.get('location') : null;
    if (to === null) return response;
    await response.body?.cancel();
    if (redirects === mostRedirects) throw new FetchRefusal(`it was sent on more than ${mostRedirects} times`);
    if (!URL.canParse(to, url.href)) throw new FetchRefusal('it was sent on to what is no address');
    const next = new URL(to, url);
    if (url.protocol === 'https:' && next.protocol !== 'https:') throw new FetchRefusal(`it was sent on from https to ${next.protocol}//${next.host}`);
    url = next;
  }
}

/** An address as it may be shown and kept: without name and password. */
export function withoutCredentials(address: string | URL): string {
  const url = new URL(address);
  url.username = '';
  url.password = '';
  return url.href;
}

function credentials({ username, password }: URL): Record<string, string> {
  if (username === '') return {};
  return { authorization: `Basic ${Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`).toString('base64')}` };
}

const withoutSecrets = (headers: Record<string, string> = {}) => Object.fromEntries(Object.entries(headers).filter(([name]) => !/^(authorization|cookie|proxy-authorization)$/i.test(name)));

/** One agent for each proxy, and one for none: its idle connections keep no process alive. */
function dispatcherFor({ Agent, ProxyAgent }: Pick<typeof import('undici'), 'Agent' | 'ProxyAgent'>, url: URL, connecting: number): Dispatcher {
  const proxy = getProxyForUrl(url.href);
  const key = `${connecting} ${proxy}`;
  const connect = { timeout: connecting };
  const agent = agents.get(key) ?? (proxy ? new ProxyAgent({ uri: proxy, proxyTls: connect, requestTls: connect, connect }) : new Agent({ connect }));
  agents.set(key, agent);
  return agent;
}
