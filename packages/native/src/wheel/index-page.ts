import { failure } from '@cultivar/sdk';
import type { Fetcher } from './fetcher.js';

export interface IndexFile {
  name: string;
  url: string;
  /** Hexadecimal, where the index tells. */
  sha256?: string;
}

interface JsonPage {
  files: { filename: string; url: string; hashes?: { sha256?: string }; yanked?: boolean | string }[];
}

/** The index that pip would ask. */
export const indexAddress = (environment: NodeJS.ProcessEnv): string => (environment['PIP_INDEX_URL'] || 'https://pypi.org/simple').replace(/\/+$/, '');

/**
 * Files of a package on a Python index, by the simple API: JSON (PEP 691) where the index knows it, else HTML (PEP 503).
 * @throws CultivarError NATIVE_DOWNLOAD
 */
export async function listFiles(index: string, name: string, fetcher: Fetcher): Promise<IndexFile[]> {
  const address = `${index}/${name}/`;
  const response = await fetcher.get(address, { accept: 'application/vnd.pypi.simple.v1+json, text/html;q=0.5' });
  // A server in trouble is asked again; any other answer is final.
  if (response.status >= 500) throw new Error(`the server answered ${response.status}`);
  if (response.status !== 200) throw failure('NATIVE_DOWNLOAD', { file: fetcher.shown(address), reason: `the server answered ${response.status}` });
  const text = await response.text();
  if (/json/.test(response.headers.get('content-type') ?? '')) {
    const { files } = JSON.parse(text) as JsonPage;
    return files.filter(({ yanked }) => !yanked).map(({ filename, url, hashes }) => ({ name: filename, url: new URL(url, address).href, sha256: hashes?.sha256 }));
  }
  return Array.from(text.matchAll(/<a\s[^>]*href="([^"]+)"/g), (match) => {
    const url = new URL(match[1]!.replaceAll('&amp;', '&'), address);
    const sha256 = /^#sha256=([0-9a-f]{64})$/.exec(url.hash)?.[1];
    url.hash = '';
    return { name: decodeURIComponent(url.pathname.split('/').at(-1)!), url: url.href, sha256 };
  });
}
