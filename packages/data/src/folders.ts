/** Finds the files of a folder of images and reads their labels, and perhaps their split, from where they lie. */
import { join } from 'node:path';
import { byCodePoint, type Candidate, type Layout, type SetAside } from './dataset.js';
import { readFolderTree, type FolderTree } from './folder-tree.js';
import { filesBelow } from './folder-shape.js';
import { understandFolders } from './layout.js';
import type { ReadingOptions, Understood } from './reading.js';

export interface FoundInFolders {
  layout: Layout;
  /** Sorted by name. */
  candidates: Candidate[];
  setAside: SetAside[];
  understood: Understood;
  tree: FolderTree;
}

/**
 * Files in class folders count at any depth; files outside of them are no candidates.
 * @throws CultivarError DATA_UNREADABLE naming the folder, DATA_LAYOUT_OPEN, DATA_UNLABELLED, DATA_SPLIT_UNKNOWN
 */
export async function findInFolders(root: string, options: ReadingOptions = {}, signal?: AbortSignal): Promise<FoundInFolders> {
  const { tree, setAside } = await readFolderTree(root, signal);
  const { layout, placed, understood } = understandFolders(tree, root, options);
  const candidates = placed.flatMap(({ folder, label, deep, split, fold }) => (deep ? filesBelow(folder) : folder.files).map((file): Candidate => {
    const name = `${folder.place}/${file}`;
    return { path: join(root, name), name, label, ...(split && { split }), ...(fold !== undefined && { fold }) };
  }));
  candidates.sort((a, b) => byCodePoint(a.name, b.name));
  return { layout, candidates, setAside, understood, tree };
}
