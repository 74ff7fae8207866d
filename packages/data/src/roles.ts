/** What names say of their use: the words by which the field calls the parts of a split. */
import type { Split } from './dataset.js';

/** `unlabelled`: images to be predicted, which no class folders are expected for. */
export type Role = Split | 'unlabelled';

const words: Record<Role, readonly string[]> = {
  train: ['train', 'training', 'trn', 'learn', 'learning'],
  val: ['val', 'valid', 'validation', 'validate', 'dev', 'devel', 'development', 'eval', 'evaluation'],
  test: ['test', 'testing', 'tests', 'tst', 'holdout', 'heldout'],
  unlabelled: ['pred', 'predict', 'prediction', 'predictions', 'unlabelled', 'unlabeled', 'unsup', 'unsupervised'],
};
const roleOfWord = new Map(Object.entries(words).flatMap(([role, names]) => names.map((name) => [name, role as Role] as const)));
/** What is written onto such a word: `trainset`, `testimages`, `imgtrain`. */
const attached = /^(?:img|imgs|image|images|data)?(.+?)(?:set|sets|data|dataset|img|imgs|image|images|photo|photos|folder|dir|split)?$/;

/** @returns the words of a name in lower case: `seg_train`, `TrainingSet` and `test1` are two each */
export function wordsOf(name: string): string[] {
  const parts = name.normalize('NFC').replace(/(\p{Ll})(\p{Lu})/gu, '$1 $2').replace(/\b(hold|held)[-_ ]out\b/giu, '$1out').split(/[^\p{L}\p{N}]+|(?<=\p{L})(?=\p{N})|(?<=\p{N})(?=\p{L})/u);
  return parts.filter((part) => part !== '').map((part) => part.toLowerCase());
}

/** @returns the role that a name tells, such as `training_set`, `seg_test` or `Validation`; undefined where it tells none, or two */
export function roleOf(name: string): Role | undefined {
  const found = new Set(wordsOf(name).flatMap((word) => roleOfWord.get(word) ?? roleOfWord.get(attached.exec(word)?.[1] ?? '') ?? []));
  return found.size === 1 ? [...found][0] : undefined;
}

/** As {@link roleOf}, of labelled images alone. */
export function splitOf(name: string): Split | undefined {
  const role = roleOf(name);
  return role === 'unlabelled' ? undefined : role;
}

/** Words for pieces of the data. */
const pieces = new Set('part parts piece pieces batch chunk shard volume vol disk archive folder dir data image images img imgs photo photos picture pictures'.split(' '));

/** @returns whether a name says that a folder is a piece of the data, as `part_2` and `images_001` do */
export function isPiece(name: string): boolean {
  return pieces.has(wordsOf(name).filter((word) => !/^\p{N}+$/u.test(word)).at(-1) ?? '');
}

/** @returns whether names differ in their numbers alone, and are those of pieces of the data */
export function arePieces(names: readonly string[]): boolean {
  const words = new Set(names.map((name) => wordsOf(name).filter((word) => !/^\p{N}+$/u.test(word)).join(' ')));
  return names.length > 1 && words.size === 1 && names.every(isPiece);
}

/** @returns whether a name is that of a fold of cross-validation, such as `fold1`, `Fold_2` or `kfold-3` */
export function isFold(name: string): boolean {
  const [first, second, third] = wordsOf(name);
  const [word, number, further] = first === 'k' || first === 'cv' ? [second, third, undefined] : [first, second, third];
  return (word === 'fold' || word === 'kfold') && number !== undefined && further === undefined && (/^\p{N}+$/u.test(number) || number.length === 1);
}

/** `fold2` comes before `fold10`. */
export function byNumber(a: string, b: string): number {
  return a.localeCompare(b, 'en', { numeric: true }) || (a < b ? -1 : a > b ? 1 : 0);
}
