/** Which file a cell of a CSV means: its path as it stands, with other slashes, without its extension, or from another folder below. */
import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { byCodePoint } from './dataset.js';

const extensions = new Set(['jpg', 'jpeg', 'jpe', 'jfif', 'png', 'webp', 'gif', 'avif', 'tif', 'tiff', 'bmp', 'dib', 'heic', 'heif', 'jxl', 'jp2', 'ppm', 'pgm', 'svg', 'dcm']);
/** Depth and number of entries down to which a file is looked for that is not where its path says. */
const deepest = 5;
const most = 300_000;

/** By its name. */
export function looksLikeImage(cell: string): boolean {
  return extensions.has(extensionOf(cell).toLowerCase());
}

export interface ListedFile {
  /** Absolute. */
  path: string;
  /** From the folder of the CSV, with forward slashes. */
  name: string;
  exists: boolean;
  /** Folder that the path was taken from, from the folder of the CSV, where it is another. */
  base?: string;
  /** More than one file could be meant. */
  doubt?: string[];
}

/** What is in a folder. */
interface Names {
  /** Each name, and whether it is a folder. */
  all: Map<string, boolean>;
  /** Names of files by what stands before an image's extension. */
  stems: Map<string, string[]>;
}

export class ListedFiles {
  private readonly folders = new Map<string, Promise<Names>>();
  private below?: Promise<Map<string, string[]>>;

  /** @param folder absolute, of the CSV */
  constructor(private readonly folder: string) {}

  async find(cell: string): Promise<ListedFile> {
    const places = variants(cell);
    for (const place of places) {
      const found = await this.at(resolve(this.folder, place));
      if (found.length === 1) return this.listed(found[0]!);
      if (found.length > 1) return { ...this.listed(found[0]!), doubt: found.map((path) => this.listed(path).name) };
    }
    for (const place of places.map((one) => one.replace(/^(?:\.?[/\\])+/, ''))) {
      if (place === '' || isAbsolute(place) || place.split('/').includes('..')) continue;
      const found = await this.elsewhere(place);
      if (found.length > 1) return { ...this.listed(join(this.folder, found[0]!)), doubt: found };
      if (found.length === 1) return { ...this.listed(join(this.folder, found[0]!)), base: found[0]!.slice(0, -endingOf(found[0]!, place)).replace(/\/$/, '') };
    }
    return { ...this.listed(resolve(this.folder, places[0]!)), exists: false };
  }

  private listed(path: string): ListedFile {
    const name = relative(this.folder, path);
    return { path, name: (isAbsolute(name) ? path : name).split(sep).join('/'), exists: true };
  }

  /** @returns the file at a path, or those that have an image's extension besides */
  private async at(path: string): Promise<string[]> {
    const folder = dirname(path);
    const { all, stems } = await this.entries(folder);
    const name = basename(path);
    if (all.get(name) === false) return [path];
    return (stems.get(name) ?? []).map((entry) => join(folder, entry)).sort(byCodePoint);
  }

  /** None where it cannot be read. */
  private entries(folder: string): Promise<Names> {
    let entries = this.folders.get(folder);
    if (!entries) {
      entries = namesIn(folder).catch(() => ({ all: new Map(), stems: new Map() }));
      this.folders.set(folder, entries);
    }
    return entries;
  }

  private async elsewhere(place: string): Promise<string[]> {
    this.below ??= this.walk();
    const index = await this.below;
    const name = basename(place);
    const candidates = [...index.get(name) ?? [], ...(looksLikeImage(name) ? [] : index.get(`${name}.`) ?? [])];
    return candidates.filter((found) => endingOf(found, place) > 0).sort(byCodePoint);
  }

  /** Files below by their name, and by their name up to the dot of an image's extension. */
  private async walk(): Promise<Map<string, string[]>> {
    const index = new Map<string, string[]>();
    let entries = 0;
    let level = [''];
    for (let depth = 0; depth < deepest && level.length > 0 && entries < most; depth += 1) {
      const next: string[] = [];
      for (const place of level) {
        for (const [name, isFolder] of (await this.entries(join(this.folder, place))).all) {
          if (name.startsWith('.') || (entries += 1) > most) continue;
          const below = place === '' ? name : `${place}/${name}`;
          if (isFolder) next.push(below);
          else {
            append(index, name, below);
            if (looksLikeImage(name)) append(index, name.slice(0, -extensionOf(name).length), below);
          }
        }
      }
      level = next;
    }
    return index;
  }
}

function append(lists: Map<string, string[]>, key: string, value: string): void {
  const list = lists.get(key);
  if (list) list.push(value);
  else lists.set(key, [value]);
}

async function namesIn(folder: string): Promise<Names> {
  const names: Names = { all: new Map(), stems: new Map() };
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const linked = entry.isSymbolicLink() && !looksLikeImage(entry.name) && await stat(join(folder, entry.name)).then((state) => state.isDirectory(), () => false);
    const isFolder = linked || entry.isDirectory();
    names.all.set(entry.name, isFolder);
    if (!isFolder && looksLikeImage(entry.name)) append(names.stems, entry.name.slice(0, -extensionOf(entry.name).length - 1), entry.name);
  }
  return names;
}

/** Ways to read a cell as a path, the most literal one first. */
function variants(cell: string): string[] {
  const written = /^file:\/\//i.test(cell) ? attempt(cell, fileURLToPath) : [cell];
  const slashed = written.flatMap((form) => (form.includes('\\') ? [form, form.replaceAll('\\', '/')] : [form]));
  const decoded = slashed.flatMap((form) => (/%[0-9a-f]{2}/i.test(form) ? [form, ...attempt(form, decodeURIComponent)] : [form]));
  return [...new Set([...decoded, ...decoded.flatMap((form) => [form.normalize('NFC'), form.normalize('NFD')])])];
}

/** @returns the text as it is where it cannot be read so */
function attempt(text: string, read: (text: string) => string): string[] {
  try {
    return [read(text)];
  } catch {
    return [text];
  }
}

function extensionOf(name: string): string {
  return /\.([A-Za-z0-9]{1,5})$/.exec(name)?.[1] ?? '';
}

/** Whether a name is the other one with an image's extension. */
function isExtended(name: string, without: string): boolean {
  return name.length > without.length && name.startsWith(`${without}.`) && extensions.has(name.slice(without.length + 1).toLowerCase());
}

/** @returns how many letters of a place are the wanted one, with the extension that it may lack; 0 where it is another */
function endingOf(found: string, wanted: string): number {
  const extended = wanted.length + 1 + extensionOf(found).length;
  const fits = (length: number) => length === found.length || found.at(-length - 1) === '/';
  if (found.endsWith(wanted) && fits(wanted.length)) return wanted.length;
  return fits(extended) && isExtended(found.slice(-extended), wanted) ? extended : 0;
}
