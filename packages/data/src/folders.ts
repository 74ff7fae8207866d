/** Finds the files of a folder of images and reads their labels, and perhaps their split, from where they lie. */
import { readdir, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { failure } from '@cultivar/sdk';
import { byCodePoint, splitOf, type Candidate, type Layout, type Split } from './dataset.js';
import { fileErrorReason, isFileError } from './image-problem.js';

/** What lies in a folder; hidden entries and what operating systems leave behind are passed over. */
interface Entries {
  folders: string[];
  files: string[];
}

const leftBehind = new Set(['thumbs.db', 'desktop.ini', '__macosx', 'ehthumbs.db', '@eadir']);

/** @throws CultivarError DATA_UNREADABLE */
export async function listFolder(folder: string): Promise<Entries> {
  const entries: Entries = { folders: [], files: [] };
  try {
    for (const entry of await readdir(folder, { withFileTypes: true })) {
      if (entry.name.startsWith('.') || leftBehind.has(entry.name.toLowerCase())) continue;
      const directory = entry.isDirectory() || (entry.isSymbolicLink() && await isFolder(join(folder, entry.name)));
      (directory ? entries.folders : entries.files).push(entry.name);
    }
  } catch (error) {
    if (isFileError(error)) throw failure('DATA_UNREADABLE', { path: folder, reason: fileErrorReason(error) }, error);
    throw error;
  }
  entries.folders.sort(byCodePoint);
  entries.files.sort(byCodePoint);
  return entries;
}

/** A link that leads nowhere counts as a file: it is set aside with its reason later. */
async function isFolder(path: string): Promise<boolean> {
  return await stat(path).then((state) => state.isDirectory(), () => false);
}

/**
 * `split-folders`: there is a `train` folder that holds folders, and either another split's folder that holds folders, or
 * no folder of any other name. Otherwise `class-folders`: every folder is a class, `train` too (the vehicle).
 * Files in class folders count at any depth; files outside of them are no candidates.
 * @returns candidates sorted by name, and how many files lie beside the folders
 * @throws CultivarError DATA_UNREADABLE naming the folder
 */
export async function findInFolders(root: string): Promise<{ layout: Layout; candidates: Candidate[]; looseFiles: number }> {
  const top = await listFolder(root);
  const splits: { folder: string; split: Split; classes: string[] }[] = [];
  for (const folder of top.folders) {
    const split = splitOf(folder);
    if (!split) continue;
    const { folders } = await listFolder(join(root, folder));
    if (folders.length > 0) splits.push({ folder, split, classes: folders });
  }
  const given = new Set(splits.map(({ split }) => split));
  const onlySplits = top.folders.every((folder) => splitOf(folder) !== undefined);
  const bySplit = given.has('train') && (given.size > 1 || onlySplits);
  const candidates: Candidate[] = [];
  const realRoot = await realpath(root);
  if (bySplit) {
    for (const { folder, split, classes } of splits) {
      const above = new Set([realRoot, await realpath(join(root, folder))]);
      for (const label of classes) await collect(root, `${folder}/${label}`, { label, split }, candidates, above);
    }
  } else {
    for (const label of top.folders) await collect(root, label, { label }, candidates, new Set([realRoot]));
  }
  candidates.sort((a, b) => byCodePoint(a.name, b.name));
  return { layout: bySplit ? 'split-folders' : 'class-folders', candidates, looseFiles: top.files.length };
}

/** Walks a class folder; a link back to a folder on the way down is not followed again. */
async function collect(root: string, place: string, kind: { label: string; split?: Split }, found: Candidate[], above: ReadonlySet<string>): Promise<void> {
  const folder = join(root, place);
  const { folders, files } = await listFolder(folder);
  for (const file of files) found.push({ path: join(folder, file), name: `${place}/${file}`, ...kind });
  if (folders.length === 0) return;
  const here = new Set(above).add(await realpath(folder));
  for (const below of folders) {
    if (!here.has(await realpath(join(folder, below)))) await collect(root, `${place}/${below}`, kind, found, here);
  }
}
