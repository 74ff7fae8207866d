import { getProxyForUrl } from 'proxy-from-env';
import { fetch, ProxyAgent, type Response } from 'undici';

const agents = new Map<string, ProxyAgent>();

export interface FetchOptions {
  headers?: Record<string, string>;
  signal?: AbortSignal;
}

/**
 * `fetch` through the proxy that the environment names for this address: HTTPS_PROXY, HTTP_PROXY or ALL_PROXY, in capitals or
 * not, but not to hosts in NO_PROXY. (Node's own knows them from version 24 on, and only if told to.)
 */
export function fetchThroughProxy(address: string | URL, options: FetchOptions = {}): Promise<Response> {
  const proxy = getProxyForUrl(String(address));
  return fetch(address, { ...options, dispatcher: proxy ? agentOf(proxy) : undefined });
}

/** One agent for each proxy: its idle connections keep no process alive. */
function agentOf(proxy: string): ProxyAgent {
  const agent = agents.get(proxy) ?? new ProxyAgent(proxy);
  agents.set(proxy, agent);
  return agent;
}
