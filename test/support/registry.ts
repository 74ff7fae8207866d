/** A registry of npm on loopback that serves a folder of tarballs, so that an installation is the one a user gets. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { basename } from 'node:path';

/** A package.json. */
export type Manifest = Record<string, unknown> & { name: string; version: string };

export interface Registry {
  /** http://127.0.0.1:PORT/ */
  address: string;
  /** Where the tarball of a package is. */
  tarball(name: string): string;
  close(): Promise<void>;
}

/**
 * @param tarballs each package that can be fetched
 * @param named packages that can be looked up but not fetched
 */
export async function serveRegistry(tarballs: readonly { manifest: Manifest; file: string }[], named: readonly Manifest[]): Promise<Registry> {
  const packages = new Map([...named.map((manifest) => ({ manifest, file: undefined })), ...tarballs].map((one) => [one.manifest.name, one]));
  const files = new Map(tarballs.map(({ file }) => [`/files/${basename(file)}`, file]));
  let address = '';
  const tarball = (name: string) => `${address}files/${basename(packages.get(name)?.file ?? 'none.tgz')}`;
  const server: Server = createServer((request, response) => {
    const path = decodeURIComponent(request.url ?? '');
    const file = files.get(path);
    const found = packages.get(path.slice(1));
    if (file) response.end(readFileSync(file));
    else if (found) {
      const { manifest } = found;
      const integrity = found.file && `sha512-${createHash('sha512').update(readFileSync(found.file)).digest('base64')}`;
      const version = { ...manifest, dist: { tarball: tarball(manifest.name), ...(integrity && { integrity }) } };
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ name: manifest.name, 'dist-tags': { latest: manifest.version }, versions: { [manifest.version]: version } }));
    } else {
      response.statusCode = 404;
      response.end('{}');
    }
  });
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  return { address, tarball, close: () => new Promise((resolve) => { server.close(() => resolve()); server.closeAllConnections(); }) };
}
