import { fetchThroughProxy } from '@cultivar/sdk';

/** Fetches; a name and password in the address become a header: fetch takes none in addresses. */
export function get(address: string, { headers = {}, signal }: { headers?: Record<string, string>; signal?: AbortSignal } = {}): ReturnType<typeof fetchThroughProxy> {
  const { username, password } = new URL(address);
  const authorization = `Basic ${Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`).toString('base64')}`;
  return fetchThroughProxy(shown(address), { headers: username ? { ...headers, authorization } : headers, signal });
}

/** An address as it may be shown: without name and password. */
export function shown(address: string): string {
  const url = new URL(address);
  url.username = '';
  url.password = '';
  return url.href;
}
