/** A tree of folders as far as it holds what may be images; decided by names alone, for the question which folders are what. */
import { nameKey } from './class-names.js';
import type { FolderTree } from './folder-tree.js';

export interface Shape {
  name: string;
  /** Files right in this folder that may be images. */
  images: number;
  /** Folders that hold such files at any depth. */
  folders: Shape[];
  /** Names of the folders that hold none. */
  barren: string[];
  tree: FolderTree;
}

const noImage = new Set(('txt md rst csv tsv json jsonl xml html htm css pdf doc docx odt rtf xls xlsx ods ppt pptx yaml yml toml ini cfg conf lock log py pyc ipynb js mjs ts sh bat ps1 ' +
  'r rmd c cpp h java m mat npy npz pkl pickle h5 hdf5 parquet feather arrow tfrecord tfrecords lmdb zip tar gz tgz bz2 xz zst 7z rar db sqlite lst names sha256 md5 sum exe dll so url lnk ' +
  'mp4 avi mov mkv webm mp3 wav flac onnx pt pth pb ckpt safetensors bin').split(' '));
const noImageNames = new Set(['readme', 'license', 'licence', 'copying', 'notice', 'changelog', 'makefile', 'dockerfile', 'citation', 'authors', 'version']);

/** By its name; its content decides later. */
export function maybeImage(file: string): boolean {
  const name = file.toLowerCase();
  const dot = name.lastIndexOf('.');
  return dot > 0 ? !noImage.has(name.slice(dot + 1)) : !noImageNames.has(name);
}

export function shapeOf(tree: FolderTree): Shape {
  const below = tree.folders.map(shapeOf);
  const bears = (shape: Shape) => shape.images > 0 || shape.folders.length > 0;
  return {
    name: tree.name, tree, images: tree.files.filter(maybeImage).length,
    folders: below.filter(bears), barren: below.filter((shape) => !bears(shape)).map(({ name }) => name),
  };
}

/** @returns the folder and those inside it that it may be a wrapper of: as long as nothing but one folder of folders is in it */
function wrapped(shape: Shape): Shape[] {
  const [only] = shape.folders;
  return shape.images === 0 && shape.folders.length === 1 && only!.folders.length > 0 ? [shape, ...wrapped(only!)] : [shape];
}

/** @returns the folder inside wrappers */
export function unwrapped(shape: Shape): Shape {
  return wrapped(shape).at(-1)!;
}

/** @returns of each the folder inside wrappers; a single class folder of folders is told from a wrapper by what lies in the others */
export function unwrappedAll(shapes: readonly Shape[]): Shape[] {
  const keys = shapes.map((shape) => wrapped(shape).filter(({ folders }) => folders.length > 1).flatMap(keysOf));
  return shapes.map((shape, index) => {
    const others = new Set(keys.flatMap((own, other) => (other === index ? [] : own)));
    const shared = wrapped(shape).map((one) => keysOf(one).filter((key) => others.has(key)).length);
    const most = Math.max(...shared);
    return most === 0 ? unwrapped(shape) : wrapped(shape)[shared.indexOf(most)]!;
  });
}

/** @returns names of the folders in it, without what near-identical names differ in */
export function keysOf(shape: Shape): string[] {
  return shape.folders.map(({ name }) => nameKey(name));
}

/** @returns every file below, by its path from this folder */
export function filesBelow(tree: FolderTree): string[] {
  return [...tree.files, ...tree.folders.flatMap((folder) => filesBelow(folder).map((place) => `${folder.name}/${place}`))];
}

/** @returns folders below in which folders of two or more names hold images, and no images lie beside these: which of the two are classes? */
export function isNested(shape: Shape): boolean {
  const [only] = shape.folders;
  if (shape.images > 0 || !only) return false;
  return shape.folders.length > 1 || isNested(only);
}

/** @returns whether a folder repeats what lies beside it, as archives that were packed twice do */
export function isCopy(folder: Shape, above: Shape): boolean {
  const beside = new Set(above.folders.filter((one) => one !== folder).flatMap((one) => filesBelow(one.tree).map((place) => `${one.name}/${place}`)));
  const own = filesBelow(folder.tree);
  return own.length > 0 && own.every((place) => beside.has(place) || !place.includes('/'));
}
