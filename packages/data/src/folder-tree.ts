/** Reads what lies in a folder and all folders below it: names alone, no contents. */
import { isUtf8 } from 'node:buffer';
import { readdir, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { failure } from '@cultivar/sdk';
import { byCodePoint, type SetAside } from './dataset.js';
import { fileErrorReason, isFileError } from './image-problem.js';

export interface FolderTree {
  name: string;
  /** From the root, with forward slashes; empty for the root. */
  place: string;
  /** Sorted by code point, like `files`. */
  folders: FolderTree[];
  files: string[];
}

const leftBehind = new Set(['thumbs.db', 'desktop.ini', '__macosx', 'ehthumbs.db', '@eadir', '$recycle.bin', 'system volume information']);
/** How often one folder is entered through links: folders that link to each other would be entered without end. */
const mostEntries = 64;

/**
 * Hidden entries and what operating systems leave behind are passed over; links are followed, but not in circles.
 * What has a name that is not text is set aside, with all that is in it.
 * @throws CultivarError DATA_UNREADABLE naming the folder
 */
export async function readFolderTree(root: string, signal?: AbortSignal): Promise<{ tree: FolderTree; setAside: SetAside[] }> {
  const setAside: SetAside[] = [];
  const entered = new Map<string, number>();
  const read = async (name: string, place: string, above: readonly string[]): Promise<FolderTree> => {
    signal?.throwIfAborted();
    const tree: FolderTree = { name, place, folders: [], files: [] };
    const path = join(root, place);
    const inside = (entry: string) => (place === '' ? entry : `${place}/${entry}`);
    let here: string[] | undefined;
    for (const entry of await entriesOf(path, place, setAside)) {
      const below = inside(entry.name);
      const kind = entry.link ? await stat(join(root, below)).then((state) => (state.isDirectory() ? 'folder' : 'file'), () => 'file') : entry.folder ? 'folder' : 'file';
      // A link that leads nowhere counts as a file: it is set aside with its reason later.
      if (kind === 'file') {
        tree.files.push(entry.name);
        continue;
      }
      here ??= [...above, await realpath(path).catch(() => path)];
      if (entry.link) {
        const target = await realpath(join(root, below)).catch(() => below);
        const times = (entered.get(target) ?? 0) + 1;
        if (here.includes(target)) continue;
        if (times > mostEntries) {
          setAside.push({ path: below, code: 'FILE_UNREADABLE', reason: `it is a link to a folder that ${mostEntries} other links lead to` });
          continue;
        }
        entered.set(target, times);
      }
      tree.folders.push(await read(entry.name, below, here));
    }
    tree.folders.sort((a, b) => byCodePoint(a.name, b.name));
    tree.files.sort(byCodePoint);
    return tree;
  };
  return { tree: await read('', '', []), setAside };
}

interface Entry {
  name: string;
  folder: boolean;
  link: boolean;
}

async function entriesOf(path: string, place: string, setAside: SetAside[]): Promise<Entry[]> {
  const within = (name: string) => (place === '' ? name : `${place}/${name}`);
  try {
    const found = await readdir(path, { withFileTypes: true });
    const entries = found.map((entry) => ({ name: entry.name, folder: entry.isDirectory(), link: entry.isSymbolicLink() }));
    const odd = entries.some(({ name }) => name.includes('\ufffd')) ? await oddNames(path) : [];
    for (const { name, shown } of odd) {
      const folder = entries.find((entry) => entry.name === name)?.folder;
      setAside.push({ path: within(shown), code: 'FILE_UNREADABLE', reason: folder ? 'the name of this folder is not UTF-8, and nothing in it is read; rename it' : 'its name is not UTF-8; rename it' });
    }
    return entries.filter(({ name }) => !name.startsWith('.') && !leftBehind.has(name.toLowerCase()) && !odd.some((one) => one.name === name));
  } catch (error) {
    if (!isFileError(error)) throw error;
    if (place !== '' && (error.code === 'ENOENT' || error.code === 'ENOTDIR')) {
      setAside.push({ path: place, code: 'FILE_UNREADABLE', reason: 'this folder vanished while it was read' });
      return [];
    }
    throw failure('DATA_UNREADABLE', { path, reason: fileErrorReason(error) }, error);
  }
}

/** @returns names that are not UTF-8 as Node decodes them, and as they are shown: with their odd bytes as `\xe9` */
async function oddNames(path: string): Promise<{ name: string; shown: string }[]> {
  const names = await readdir(path, { encoding: 'buffer' });
  return names.filter((name) => !isUtf8(name)).map((name) => ({ name: name.toString('utf8'), shown: shownBytes(name) }));
}

function shownBytes(name: Buffer): string {
  return [...name].map((byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : `\\x${byte.toString(16).padStart(2, '0')}`)).join('');
}
