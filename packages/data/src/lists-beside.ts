/** Files beside the images that may say more of them than the folders do. */
import { join } from 'node:path';
import { listed } from './class-names.js';
import type { FolderTree } from './folder-tree.js';
import { splitOf, wordsOf } from './roles.js';

/** Levels of folders that are looked into. */
const deepest = 3;

function filesBeside(tree: FolderTree, depth = 1): string[] {
  const here = tree.files.map((file) => (tree.place === '' ? file : `${tree.place}/${file}`));
  return depth === deepest ? here : [...here, ...tree.folders.flatMap((folder) => filesBeside(folder, depth + 1))];
}

/** @returns as the end of a sentence, the CSV files that could be given in place of the folder; empty where there are none */
export function tablesBeside(tree: FolderTree, path: string): string {
  const tables = filesBeside(tree).filter((file) => /\.(?:csv|tsv)$/i.test(file));
  return tables.length > 0 ? `; or give the CSV file that lists them: ${tables.slice(0, 3).map((file) => join(path, file)).join(' or ')}` : '';
}

/** @returns a sentence on lists of a split, such as `test.txt`, which only a CSV file can tell; none where there are none */
export function splitListsBeside(tree: FolderTree): string[] {
  const lists = filesBeside(tree).filter((file) => {
    const [, name, kind] = /([^/]+)\.([^./]+)$/.exec(file) ?? [];
    return name !== undefined && /^(?:txt|lst|csv|tsv|json)$/i.test(kind!) && (splitOf(name) !== undefined || wordsOf(name).some((word) => /^(?:split|splits|trainval)$/.test(word)));
  });
  return lists.length > 0 ? [`${listed(lists, 4)} ${lists.length === 1 ? 'is' : 'are'} not read: where a split of the images stands in there, give a CSV file with a column for it`] : [];
}
