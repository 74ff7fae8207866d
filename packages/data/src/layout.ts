/** Which folders are classes, which are parts of a split, and what is left out: told from the folders' names and places alone. */
import { failure, isCultivarError } from '@cultivar/sdk';
import { listed } from './class-names.js';
import type { Layout, Split } from './dataset.js';
import { isCopy, isNested, keysOf, shapeOf, unwrapped, unwrappedAll, type Shape } from './folder-shape.js';
import type { FolderTree } from './folder-tree.js';
import { copyInside, groupsOrClasses, hierarchy, mixedUses, piecesOfData, sameFolders, splitInside, unlabelledSplits } from './layout-open.js';
import { splitListsBeside, tablesBeside } from './lists-beside.js';
import type { ReadingOptions, Understood } from './reading.js';
import { arePieces, isFold, isPiece, roleOf, splitOf } from './roles.js';

export interface Use {
  split?: Split;
  fold?: string;
}

/** A folder whose files are of one class. */
export interface Placed extends Use {
  folder: FolderTree;
  label: string;
  /** Whether the files in folders below it count, too. */
  deep: boolean;
}

export interface FolderLayout {
  layout: Layout;
  placed: Placed[];
  understood: Understood;
}

interface Part {
  shape: Shape;
  use: Use;
}

/**
 * Sibling folders that hold the same class folders are splits, whatever they are called and however many single folders
 * are wrapped around them; their names tell which is which. Where names or places leave it open, it is asked for.
 * @param path of the root, for errors
 * @throws CultivarError DATA_LAYOUT_OPEN, DATA_UNLABELLED, DATA_SPLIT_UNKNOWN
 */
export function understandFolders(tree: FolderTree, path: string, options: ReadingOptions = {}): FolderLayout {
  const read = (classFolders: ReadingOptions['classFolders']) => new Reader(path, tree, { ...options, classFolders }).read(shapeOf(tree));
  const layout = read(options.classFolders);
  if (options.classFolders !== undefined && ([undefined, 'inner', 'outer'] as const).every((other) => sameClasses(layout, () => read(other)))) {
    layout.understood.leftOut.push(`classFolders (--class-folders ${options.classFolders}) has no effect: no folders lie in the folders of the classes`);
  }
  return layout;
}

/** Whether another reading, if it is one at all, comes to the same. */
function sameClasses({ placed }: FolderLayout, other: () => FolderLayout): boolean {
  const told = (all: readonly Placed[]) => JSON.stringify(all.map(({ folder, label, split, fold }) => [folder.place, label, split, fold]));
  try {
    return told(placed) === told(other().placed);
  } catch (error) {
    if (!isCultivarError(error)) throw error;
    return false;
  }
}

class Reader {
  private readonly understood: Understood = { parts: [], notes: [], leftOut: [] };
  private readonly given: ReadonlyMap<string, Split | 'ignore'>;

  constructor(private readonly path: string, private readonly tree: FolderTree, private readonly options: ReadingOptions) {
    this.given = new Map(Object.entries(options.split ?? {}).map(([name, use]) => [name.replace(/[/\\]+$/, '').normalize('NFC'), use]));
  }

  read(root: Shape): FolderLayout {
    const top = this.top(root);
    if (top.images > 0 && top.folders.length > 0) this.leaveOut(`${top.images} file${top.images === 1 ? '' : 's'} beside the folders ${top.images === 1 ? 'is' : 'are'} not used`);
    if (top.barren.length > 0 && top.folders.length > 0) this.understood.notes.push(`no images in ${folders(top.barren)}`);
    const inner = this.givenInside(top);
    this.checkGiven(top, inner);
    if (inner) return this.splitsInClasses(top.folders);
    const children = this.withoutCopies({ ...top, folders: top.folders.filter(({ name }) => this.useGiven(name) !== 'ignore') });
    if (children.some(({ name }) => this.useGiven(name) !== undefined)) return this.splits(...this.partsAsGiven(children));
    return this.told(children);
  }

  /** The folder whose folders are the question. */
  private top(root: Shape): Shape {
    const named = (shape: Shape) => [...shape.folders.map(({ name }) => name), ...shape.barren].some((name) => this.useGiven(name) !== undefined);
    let top = root;
    while (!named(top) && top.folders.length === 1) {
      const [only] = top.folders;
      const ofSplits = only!.folders.every(({ name }) => roleOf(name) !== undefined) && only!.folders.some((shape) => shape.folders.length > 0);
      const wraps = only!.folders.length > 0 && (ofSplits || (roleOf(only!.name) === undefined && only!.images === 0));
      if (!wraps) break;
      top = only!;
    }
    return top;
  }

  /** What the names and places of folders tell, where nothing is given. */
  private told(children: readonly Shape[]): FolderLayout {
    const holders = children.filter(({ folders: below }) => below.length > 0);
    const leaves = children.filter(({ folders: below }) => below.length === 0);
    const inside = unwrappedAll(holders);
    const keys = inside.map(keysOf);
    const every = new Set(inside.flatMap((shape) => shape.folders.map(({ name }) => name)));
    const roles = children.map(({ name }) => roleOf(name));
    const splitNames = inside.flatMap((shape) => shape.folders).every(({ name }) => splitOf(name) !== undefined);
    const holderRoles = holders.map(({ name }) => splitOf(name));
    const folds = holders.filter(({ name }) => isFold(name)).length > 1;

    if (holders.length > 0 && splitNames) {
      if (this.options.classFolders === undefined && (leaves.length > 0 || holderRoles.every((role) => role !== undefined) || folds || arePieces(holders.map(({ name }) => name)) || inside.some((shape) => shape.images > 0 || shape.folders.some(isNested)))) {
        throw mixedUses(this.path, holders, inside, leaves);
      }
      if (this.options.classFolders !== 'inner') return this.splitsInClasses(children);
    }
    if (holders.length === 0 || every.size === 1) {
      const split = new Set(roles.filter((role) => role !== undefined));
      if (split.size > 1 && this.options.classFolders === undefined && !(holders.length > 0 && leaves.length > 0)) throw unlabelledSplits(this.path, children, tablesBeside(this.tree, this.path));
      if (split.size === 0 || holders.length === 0 || this.options.classFolders !== undefined) return this.classes(children);
    }
    const parts = holders.map((shape, index) => ({ shape: inside[index]!, use: useOf(shape.name, folds) }));
    const known = parts.filter(({ use }) => use !== undefined);
    const shared = (one: readonly string[], others: readonly (readonly string[])[]) => one.some((key) => others.some((other) => other.includes(key)));
    const someShared = keys.some((own, index) => shared(own, keys.filter((_, other) => other !== index)));
    const kinds = new Set(known.map(({ use }) => use!.split ?? 'fold'));
    if (known.length > 0 && known.length === holders.length && (kinds.size > 1 || someShared || (holders.length === 1 && leaves.every(({ name }) => roleOf(name) !== undefined)))) {
      return this.splits(known as Part[], leaves);
    }
    const strangers = holders.filter((_, index) => parts[index]!.use === undefined);
    const stranger = (index: number) => parts[index]!.use === undefined;
    if (kinds.has('train') && kinds.size > 1 && !keys.some((own, index) => stranger(index) && shared(own, keys.filter((_, other) => !stranger(other))))) {
      return this.splits(known as Part[], [...leaves, ...strangers]);
    }
    if (this.options.classFolders === undefined) {
      if (someShared) throw sameFolders(this.path, holders, inside);
      if (holders.some(isNested)) throw hierarchy(this.path, children.map(({ name }) => name), holders);
    }
    return this.classes(children);
  }

  private classes(children: readonly Shape[]): FolderLayout {
    if (this.options.classFolders === undefined && arePieces(children.map(({ name }) => name))) throw piecesOfData(this.path, children, tablesBeside(this.tree, this.path));
    const placed = this.options.classFolders === 'inner' ? children.flatMap((shape) => this.innermost(shape, {})) : this.outermost(children.map((shape) => ({ shape, use: {} })));
    const layout = placed.some(({ split }) => split !== undefined) ? 'split-folders' : 'class-folders';
    if (layout === 'class-folders') this.understood.leftOut.push(...splitListsBeside(this.tree));
    return { layout, placed, understood: this.understood };
  }

  private splits(all: readonly Part[], unused: readonly Shape[]): FolderLayout {
    const parts = all.filter((part) => !holdsNoClasses(part, all));
    for (const { shape } of all) if (!parts.some((part) => part.shape === shape)) this.leaveOut(`${placeOf(shape.folders[0]!)} is not used: its images lie in no class folder`);
    for (const shape of unused) this.leaveOut(`${shape.name}/ is not used: ${shape.folders.length > 0 && roleOf(shape.name) === undefined ? 'its folders are other ones than those of the split' : 'its images lie in no class folder'}`);
    for (const { shape, use } of parts) {
      this.understood.parts.push({ name: placeOf(shape), ...use });
      if (shape.images > 0) this.leaveOut(`${shape.images} file${shape.images === 1 ? '' : 's'} right in ${placeOf(shape)} ${shape.images === 1 ? 'is' : 'are'} not used`);
    }
    const classFolders = parts.flatMap(({ shape, use }) => shape.folders.map((folder) => ({ shape: folder, use })));
    const nested = classFolders.filter(({ shape }) => isNested(shape));
    if (nested.length > 0 && this.options.classFolders === undefined) throw hierarchy(this.path, [...new Set(classFolders.map(({ shape }) => shape.name))], nested.map(({ shape }) => shape));
    const placed = this.options.classFolders === 'inner' ? classFolders.flatMap(({ shape, use }) => this.innermost(shape, use)) : this.outermost(classFolders);
    return { layout: 'split-folders', placed, understood: this.understood };
  }

  /** `cats/train`, `cats/test`, `dogs/train`, `dogs/test` */
  private splitsInClasses(classFolders: readonly Shape[]): FolderLayout {
    const names = new Set<string>();
    const placed = classFolders.flatMap((shape) => {
      const inside = unwrapped(shape);
      const own: Placed[] = inside.images > 0 ? [{ folder: inside.tree, label: shape.name, deep: false }] : [];
      if (inside.images > 0 && inside.folders.length > 0) this.understood.notes.push(`the images right in ${placeOf(inside)} are to train on`);
      for (const folder of inside.folders) {
        const use = this.useGiven(folder.name) ?? splitOf(folder.name);
        if (use === undefined) throw groupsOrClasses(this.path, shape, folder);
        names.add(folder.name);
        if (use !== 'ignore') own.push({ folder: folder.tree, label: shape.name, deep: true, split: use });
      }
      return own;
    });
    for (const name of names) {
      const use = this.useGiven(name) ?? splitOf(name);
      if (use === 'ignore') this.leaveOut(`${name}/ is not used, as asked for`);
      else this.understood.parts.push({ name: `*/${name}/`, ...(use && { split: use }) });
    }
    return { layout: 'split-folders', placed, understood: this.understood };
  }

  /** Class folders with all that lies in them. Images that are held out by the name of a folder in there are not mixed with the others. */
  private outermost(classFolders: readonly Part[]): Placed[] {
    return classFolders.flatMap(({ shape, use }): Placed[] => {
      const held = use.split === undefined || use.split === 'train' ? heldOut(shape) : undefined;
      if (held && this.options.classFolders === undefined) throw splitInside(this.path, shape, held);
      return [{ folder: shape.tree, label: shape.name, deep: true, ...use }];
    });
  }

  /** Each folder that holds images is a class of its own name; folders above it may tell the split. */
  private innermost(shape: Shape, use: Use): Placed[] {
    const own: Placed[] = shape.images > 0 ? [{ folder: shape.tree, label: shape.name, deep: false, ...use }] : [];
    const split = splitOf(shape.name);
    const below = split !== undefined && (use.split === undefined || use.split === 'train') ? { ...use, split } : use;
    return [...own, ...shape.folders.flatMap((folder) => this.innermost(folder, below))];
  }

  private withoutCopies(top: Shape): Shape[] {
    return top.folders.filter((shape) => {
      if (roleOf(shape.name) !== undefined || isFold(shape.name) || this.useGiven(shape.name) !== undefined || shape.folders.length === 0) return true;
      const inside = unwrapped(shape);
      const beside = new Set(keysOf({ ...top, folders: top.folders.filter((one) => one !== shape) }));
      if (2 * keysOf(inside).filter((key) => beside.has(key)).length < Math.max(1, beside.size)) return true;
      if (!isCopy(inside, { ...top, folders: top.folders.filter((one) => one !== shape) })) {
        if (this.options.classFolders !== undefined) return true;
        throw copyInside(this.path, shape);
      }
      this.leaveOut(`${shape.name}/ is not used: it repeats what lies beside it`);
      return false;
    });
  }

  private partsAsGiven(children: readonly Shape[]): [Part[], Shape[]] {
    const parts: Part[] = [];
    const unused: Shape[] = [];
    const holders = children.filter((shape) => shape.folders.length > 0);
    const inside = unwrappedAll(holders);
    for (const shape of children) {
      const given = this.useGiven(shape.name);
      if (shape.folders.length === 0) {
        if (given !== undefined) throw failure('DATA_UNLABELLED', { path: this.path, folders: `${shape.name}/`, flag: shape.name, tables: '' });
        unused.push(shape);
        continue;
      }
      const use = given !== undefined && given !== 'ignore' ? { split: given } : useOf(shape.name, false);
      if (use === undefined) throw groupsOrClasses(this.path, undefined, shape);
      parts.push({ shape: inside[holders.indexOf(shape)]!, use });
    }
    return [parts, unused];
  }

  /** Whether the names that are given are those of folders inside the class folders. */
  private givenInside(top: Shape): boolean {
    if (this.given.size === 0) return false;
    const here = new Set(everyName(top));
    const below = new Set(top.folders.flatMap((shape) => everyName(unwrapped(shape))));
    const names = [...this.given.keys()];
    return names.every((name) => below.has(name)) && !names.every((name) => here.has(name));
  }

  private checkGiven(top: Shape, inner: boolean): void {
    const names = inner ? top.folders.flatMap((shape) => everyName(unwrapped(shape))) : everyName(top);
    const unknown = [...this.given.keys()].find((name) => !names.includes(name));
    if (unknown !== undefined) throw failure('DATA_SPLIT_UNKNOWN', { path: this.path, name: unknown, known: listed([...new Set(names)], 20) || 'none' });
    if (!inner) for (const name of names) if (this.given.get(name) === 'ignore') this.leaveOut(`${name}/ is not used, as asked for`);
  }

  private useGiven(name: string): Split | 'ignore' | undefined {
    return this.given.get(name.normalize('NFC'));
  }

  private leaveOut(sentence: string): void {
    this.understood.leftOut.push(sentence);
  }
}

/** `test/images/1.jpg` beside `train/cat` and `train/dog` */
function holdsNoClasses({ shape, use }: Part, all: readonly Part[]): boolean {
  const [only] = shape.folders;
  if (shape.folders.length !== 1 || (use.split !== 'val' && use.split !== 'test') || !(isPiece(only!.name) || roleOf(only!.name) !== undefined)) return false;
  const trained = all.filter((part) => part.use.split === 'train').flatMap((part) => keysOf(part.shape));
  return trained.length > 1 && !trained.includes(keysOf(shape)[0]!);
}

function useOf(name: string, folds: boolean): Use | undefined {
  if (folds && isFold(name)) return { fold: name };
  const split = splitOf(name);
  return split && { split };
}

const everyName = (shape: Shape): string[] => [...shape.folders.map(({ name }) => name.normalize('NFC')), ...shape.barren.map((name) => name.normalize('NFC'))];
const placeOf = (shape: Shape): string => `${shape.tree.place}/`;
const folders = (names: readonly string[]): string => listed(names.map((name) => `${name}/`));

/** @returns a folder inside whose name says that its images are held out */
function heldOut(shape: Shape): Shape | undefined {
  for (const folder of shape.folders) {
    const role = splitOf(folder.name);
    const found = role === 'val' || role === 'test' ? folder : heldOut(folder);
    if (found) return found;
  }
  return undefined;
}
