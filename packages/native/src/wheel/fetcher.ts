import { fetch, ProxyAgent, type Response } from 'undici';

/** Fetches over HTTP(S), through the proxy that HTTPS_PROXY or HTTP_PROXY name, but not to hosts that NO_PROXY names. */
export class Fetcher {
  private readonly proxies = new Map<string, ProxyAgent>();

  constructor(private readonly environment: NodeJS.ProcessEnv, private readonly signal?: AbortSignal) {}

  private setting(name: string): string | undefined {
    return this.environment[name] || this.environment[name.toLowerCase()] || undefined;
  }

  /** Of Node's own fetch, version 20 knows no proxy. */
  private proxyFor(url: URL): ProxyAgent | undefined {
    const address = (url.protocol === 'https:' ? this.setting('HTTPS_PROXY') : undefined) ?? this.setting('HTTP_PROXY');
    const direct = (this.setting('NO_PROXY') ?? '').split(/[\s,]+/).filter(Boolean).map((host) => host.replace(/^\*?\./, ''));
    if (!address || direct.some((host) => host === '*' || url.hostname === host || url.hostname.endsWith(`.${host}`))) return undefined;
    const known = this.proxies.get(address) ?? new ProxyAgent(address);
    this.proxies.set(address, known);
    return known;
  }

  /** A name and password in the address become a header: fetch takes none in addresses. */
  get(address: string, headers: Record<string, string> = {}): Promise<Response> {
    const url = new URL(address);
    const { username, password } = url;
    if (username) headers['authorization'] = `Basic ${Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`).toString('base64')}`;
    return fetch(bare(url), { headers, dispatcher: this.proxyFor(url), signal: this.signal });
  }

  /** An address as it may be shown. */
  shown(address: string): string {
    return bare(new URL(address));
  }

  async close(): Promise<void> {
    await Promise.all(Array.from(this.proxies.values(), (proxy) => proxy.close()));
  }
}

function bare(url: URL): string {
  const copy = new URL(url);
  copy.username = '';
  copy.password = '';
  return copy.href;
}
