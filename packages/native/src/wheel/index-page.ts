import { failure, withoutCredentials } from '@cultivar/sdk';
import { downloadReason, downloadText, mayPass } from '@cultivar/sdk/internal';

/** Bytes. */
const largestPage = 64e6;

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
export async function listFiles(index: string, name: string, signal?: AbortSignal): Promise<IndexFile[]> {
  const address = `${index}/${name}/`;
  try {
    const { text, type } = await downloadText(address, { headers: { accept: 'application/vnd.pypi.simple.v1+json, text/html;q=0.5' }, limit: largestPage, signal });
    return filesOn(text, type, address);
  } catch (error) {
    // A server in trouble is asked again; any other answer is final.
    if (mayPass(error)) throw error;
    throw failure('NATIVE_DOWNLOAD', { file: withoutCredentials(address), reason: downloadReason(error) }, error);
  }
}

/** Files on a page of an index, those taken back by their authors (PEP 592) left out. */
export function filesOn(text: string, type: string, address: string): IndexFile[] {
  // A name with a folder in it would be written there.
  return allFilesOn(text, type, address).filter(({ name }) => !/[/\\\0]/.test(name));
}

function allFilesOn(text: string, type: string, address: string): IndexFile[] {
  if (/json/.test(type)) {
    const { files } = JSON.parse(text) as JsonPage;
    return files.filter(({ yanked }) => !yanked).map(({ filename, url, hashes }) => ({ name: filename, url: new URL(url, address).href, sha256: hashes?.sha256 }));
  }
  return Array.from(text.matchAll(/<a\s([^>]*)>/g), (match) => match[1]!).filter((attributes) => !/\bdata-yanked\b/.test(attributes)).flatMap((attributes) => {
    const href = /\bhref="([^"]+)"/.exec(attributes)?.[1];
    if (href === undefined) return [];
    const url = new URL(href.replaceAll('&amp;', '&'), address);
    const sha256 = /^#sha256=([0-9a-f]{64})$/.exec(url.hash)?.[1];
    url.hash = '';
    return [{ name: decodeURIComponent(url.pathname.split('/').at(-1)!), url: url.href, sha256 }];
  });
}
