/** What is asked where folders can be understood in more than one way: what was found, and how to say what it is. */
import { failure, type CultivarError } from '@cultivar/sdk';
import { listed } from './class-names.js';
import { unwrapped, type Shape } from './folder-shape.js';
import { splitOf } from './roles.js';

const folders = (names: readonly string[]): string => listed(names.map((name) => `${name}/`));
const namesOf = (shapes: readonly Shape[]): string[] => [...new Set(shapes.map(({ name }) => name))];

/** A word of a command line, quoted where a shell would take it apart. */
export function shellWord(text: string): string {
  return /^[\w.,:=@%+/-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

function splitFlags(names: readonly string[]): string {
  const uses = ['train', 'test', 'ignore'];
  return names.slice(0, 2).map((name, index) => `--split ${shellWord(`${name}=${splitOf(name) ?? uses[index]}`)}`).join(' ');
}

/** For each folder its use: `train`, `val`, `test` or `ignore`. */
const sayUses = (names: readonly string[]) => `say what each is for, such as ${splitFlags(names)} (train, val, test or ignore; several may be train)`;

function open(path: string, found: string, choices: string): CultivarError {
  return failure('DATA_LAYOUT_OPEN', { path, found, choices: `${choices.charAt(0).toUpperCase()}${choices.slice(1)}` });
}

/** `camera1/cat`, `camera2/cat` */
export function sameFolders(path: string, holders: readonly Shape[], inside: readonly Shape[]): CultivarError {
  const names = namesOf(holders);
  const unclear = names.filter((name) => splitOf(name) === undefined);
  const classNames = namesOf(inside.flatMap((shape) => shape.folders));
  return open(path, `${folders(names)} hold folders of the same names (${listed(classNames)}), and ${unclear.length === 1 ? `the name ${unclear[0]} does` : 'their names do'} not tell what they are for`,
    `${sayUses([...unclear, ...names.filter((name) => splitOf(name) !== undefined)])}; or take --class-folders inner where ${listed(classNames, 3)} are the classes and all images belong together, --class-folders outer where ${listed(names, 3)} are the classes`);
}

/** `animals/cats`, `plants/roses` */
export function hierarchy(path: string, outer: readonly string[], nested: readonly Shape[]): CultivarError {
  const example = nested[0]!;
  const inner = namesOf(nested.flatMap((shape) => inside(shape).folders));
  return open(path, `there are folders in folders, such as ${folders(namesOf(inside(example).folders))} in ${example.tree.place}/`,
    `take --class-folders outer where ${listed(outer, 3)} are the classes, or --class-folders inner where ${listed(inner, 3)} are`);
}

/** Splits inside class folders, but not throughout. */
export function mixedUses(path: string, holders: readonly Shape[], within: readonly Shape[], leaves: readonly Shape[]): CultivarError {
  const inner = namesOf(within.flatMap((shape) => shape.folders));
  const beside = leaves.length > 0 ? `, beside ${folders(namesOf(leaves))} without such folders` : '';
  return open(path, `${folders(namesOf(holders))} ${holders.length === 1 ? 'holds' : 'hold'} ${folders(inner)}${beside}, so that either may be classes or parts of a split`,
    `give the folder that holds the classes${holders.length > 0 ? `, such as ${holders[0]!.tree.place}/` : ''}; or say ${splitFlags(inner)}, or take --class-folders outer where ${listed(namesOf([...holders, ...leaves]), 3)} are the classes, or --class-folders inner where the folders right above the images are`);
}

/** A class folder with a folder inside that is named like a part of a split. */
export function splitInside(path: string, shape: Shape, held: Shape): CultivarError {
  return open(path, `the folder ${held.tree.place}/ inside ${shape.tree.place}/ is named like images that are held out`,
    `move these images to where the others of that use are, or take --class-folders outer where they are images like the others of ${shape.name}`);
}

/** A folder whose use is not said where that of others is. */
export function groupsOrClasses(path: string, above: Shape | undefined, shape: Shape): CultivarError {
  return open(path, `${shape.tree.place}/ ${above ? `in ${above.name}/ ` : ''}is given no use, and its name tells none`, `say it, too: --split ${shellWord(`${shape.name}=train`)} (train, val, test or ignore)`);
}

/** `dataset/cats` beside `cats` */
export function copyInside(path: string, shape: Shape): CultivarError {
  return open(path, `${shape.tree.place}/ holds folders of the same names as those beside it`, `leave it out with --split ${shellWord(`${shape.name}=ignore`)}, or give ${shape.tree.place}/ alone`);
}

/** `images_001/1.jpg`, `images_002/2.jpg` */
export function piecesOfData(path: string, children: readonly Shape[], tables: string): CultivarError {
  return open(path, `${folders(namesOf(children))} are named like pieces of the data, and nothing like classes`, `take --class-folders outer where they are the classes${tables}`);
}

/** `train/1.jpg`, `test/2.jpg` */
export function unlabelledSplits(path: string, children: readonly Shape[], tables: string): CultivarError {
  return failure('DATA_UNLABELLED', { path, folders: folders(namesOf(children)), tables });
}

function inside(shape: Shape): Shape {
  const below = unwrapped(shape);
  return below.folders.length === 1 && below.images === 0 ? inside(below.folders[0]!) : below;
}
