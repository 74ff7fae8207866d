import { describe, expect, it } from '@jest/globals';
import { CultivarError } from '@cultivar/sdk';
import { filesBelow } from './folder-shape.js';
import type { FolderTree } from './folder-tree.js';
import { understandFolders } from './layout.js';
import type { ReadingOptions } from './reading.js';

/** @param paths of files, or of empty folders with a slash at the end */
function treeOf(paths: readonly string[]): FolderTree {
  const root: FolderTree = { name: '', place: '', folders: [], files: [] };
  for (const path of paths) {
    const names = path.split('/');
    const file = names.pop()!;
    let folder = root;
    for (const name of names) {
      let below = folder.folders.find((one) => one.name === name);
      if (!below) folder.folders.push(below = { name, place: folder.place === '' ? name : `${folder.place}/${name}`, folders: [], files: [] });
      folder = below;
    }
    if (file !== '') folder.files.push(file);
  }
  return root;
}

/** `{ cat: ['train/cat/1.jpg train'] }` by class; or the code of the error and all that it says. */
function understood(paths: readonly string[], options: ReadingOptions = {}): Record<string, string[]> | string {
  try {
    const found: Record<string, string[]> = {};
    for (const { folder, label, deep, split, fold } of understandFolders(treeOf(paths), '/data', options).placed) {
      for (const file of deep ? filesBelow(folder) : folder.files) (found[label] ??= []).push([`${folder.place}/${file}`, split ?? fold].filter(Boolean).join(' '));
    }
    return Object.fromEntries(Object.entries(found).map(([label, files]) => [label, files.sort()]));
  } catch (error) {
    if (error instanceof CultivarError) return `${error.code}: ${error.message} ${error.mend}`;
    throw error;
  }
}

/** Each of the folders with the classes a and b in it. */
const sets = (...folders: string[]) => folders.flatMap((folder) => [`${folder}/a/1.jpg`, `${folder}/b/2.jpg`]);
const asSplits = (uses: Record<string, string>) => ({
  a: Object.entries(uses).map(([folder, use]) => `${folder}/a/1.jpg ${use}`).sort(), b: Object.entries(uses).map(([folder, use]) => `${folder}/b/2.jpg ${use}`).sort(),
});

describe('folders of the same class folders are splits', () => {
  it.each<Record<string, string>>([
    { training_set: 'train', test_set: 'test' }, { train: 'train', eval: 'val' }, { Train: 'train', Valid: 'val', Test: 'test' }, { training: 'train', validation: 'val', testing: 'test' },
    { TrainingImages: 'train', TestImages: 'test' }, { trainset: 'train', valset: 'val', testset: 'test' }, { 'flowers-train': 'train', 'flowers-dev': 'val', 'flowers-holdout': 'test' },
    { 'seg_train/seg_train': 'train', 'seg_test/seg_test': 'test' }, { 'Dataset/Train': 'train', 'Dataset/Test': 'test' }, { 'data/set/x/train': 'train', 'data/set/x/val': 'val' },
    { 'images/train': 'train', 'images/test': 'test' }, { train1: 'train', train2: 'train', 'test': 'test' }, { 'train/deep/er': 'train', 'test': 'test' }, { 'held-out': 'test', 'train data': 'train' },
    { 'dataset/dataset/train': 'train', 'dataset/dataset/test': 'test' }, { 'Training/Training': 'train', 'Testing': 'test' }, { training_data: 'train', unseen_test_data: 'test' },
    { 'training/train': 'train', 'training/val': 'val' }, { train: 'train' }, { test: 'test' }, { fold1: 'fold1', fold2: 'fold2', fold3: 'fold3' }, { 'fold_0': 'fold_0', 'fold_1': 'fold_1', test: 'test' },
  ])('%j', (uses) => {
    expect(understood(sets(...Object.keys(uses)))).toEqual(asSplits(uses));
    expect(understood([...sets(...Object.keys(uses)), 'README.md', 'labels.csv', 'empty/', 'notes/a.txt', 'stray.jpg'])).toEqual(asSplits(uses));
  });

  it('also where some lack a class', () => {
    expect(understood(['train/a/1.jpg', 'train/b/2.jpg', 'test/a/3.jpg'])).toEqual({ a: ['test/a/3.jpg test', 'train/a/1.jpg train'], b: ['train/b/2.jpg train'] });
    expect(understood(['train/a/1.jpg', 'test/a/3.jpg', 'test/b/3.jpg'])).toEqual({ a: ['test/a/3.jpg test', 'train/a/1.jpg train'], b: ['test/b/3.jpg test'] });
  });

  it('and classes may be called like splits', () => {
    expect(understood(['train/train/1.jpg', 'train/bus/2.jpg', 'test/train/3.jpg', 'test/bus/4.jpg'])).toEqual({ train: ['test/train/3.jpg test', 'train/train/1.jpg train'], bus: ['test/bus/4.jpg test', 'train/bus/2.jpg train'] });
    expect(understood(['train/1.jpg', 'bus/2.jpg'])).toEqual({ train: ['train/1.jpg'], bus: ['bus/2.jpg'] });
    expect(understood(['express train/1.jpg', 'steam train/2.jpg'])).toEqual({ 'express train': ['express train/1.jpg'], 'steam train': ['steam train/2.jpg'] });
  });

  it('wrappers are told from classes by what lies in the other parts, near-identical classes kept apart', () => {
    expect(understood(['x/Cat/1.jpg', 'x/cat/2.jpg', 'y/Cat/3.jpg', 'y/cat/4.jpg'])).toMatch(/^DATA_LAYOUT_OPEN/);
    expect(understood(['fold1/Cat/1.jpg', 'fold1/cat/2.jpg', 'fold2/Cat/3.jpg', 'fold2/cat/4.jpg'])).toEqual({ Cat: ['fold1/Cat/1.jpg fold1', 'fold2/Cat/3.jpg fold2'], cat: ['fold1/cat/2.jpg fold1', 'fold2/cat/4.jpg fold2'] });
    expect(understood(['train/test/1.jpg', 'train/bus/2.jpg', 'test/test/test/3.jpg', 'test/test/bus/4.jpg'])).toEqual({ test: ['test/test/test/3.jpg test', 'train/test/1.jpg train'], bus: ['test/test/bus/4.jpg test', 'train/bus/2.jpg train'] });
    expect(understood(['train/cat/2020/1.jpg', 'train/cat/2021/1.jpg', 'test/cat/3.jpg', 'test/dog/4.jpg'])).toMatch(/^DATA_LAYOUT_OPEN: .*2020/);
  });

  it('files of any depth count, and an image folder of each class', () => {
    expect(understood(['cat/images/1.jpg', 'dog/images/2.jpg'])).toEqual({ cat: ['cat/images/1.jpg'], dog: ['dog/images/2.jpg'] });
    expect(understood(['cat/1.jpg', 'cat/old/2.jpg', 'dog/3.jpg'])).toEqual({ cat: ['cat/1.jpg', 'cat/old/2.jpg'], dog: ['dog/3.jpg'] });
    expect(understood(['train/cat/images/1.jpg', 'train/dog/images/2.jpg'])).toEqual({ cat: ['train/cat/images/1.jpg train'], dog: ['train/dog/images/2.jpg train'] });
  });

  it('leaves out what lies beside, and says so', () => {
    const leftOut = (paths: string[]) => understandFolders(treeOf(paths), '/data').understood.leftOut;
    expect(leftOut([...sets('seg_train', 'seg_test'), 'seg_pred/seg_pred/9.jpg'])).toEqual(['seg_pred/ is not used: its images lie in no class folder']);
    expect(leftOut([...sets('train', 'test'), 'single_prediction/9.jpg', 'train/stray.jpg'])).toEqual(['single_prediction/ is not used: its images lie in no class folder', '1 file right in train/ is not used']);
    expect(leftOut([...sets('train', 'val'), 'docs/x/1.jpg', 'docs/y/1.jpg'])).toEqual(['docs/ is not used: its folders are other ones than those of the split']);
    expect(leftOut([...sets('train', 'test'), ...sets('chest/train', 'chest/test')])).toEqual(['chest/ is not used: it repeats what lies beside it']);
    expect(leftOut(['A/a/1.jpg', 'A/b/2.jpg', 'A/A/a/1.jpg', 'A/A/b/2.jpg'])).toEqual(['A/ is not used: it repeats what lies beside it']);
    expect(leftOut(['a/1.jpg', 'b/1.jpg', '9.jpg'])).toEqual(['1 file beside the folders is not used']);
  });
});

describe('splits inside class folders', () => {
  it('are honored', () => {
    const paths = ['cat/train/1.jpg', 'cat/test/2.jpg', 'dog/train/3.jpg', 'dog/test/4.jpg'];
    const expected = { cat: ['cat/test/2.jpg test', 'cat/train/1.jpg train'], dog: ['dog/test/4.jpg test', 'dog/train/3.jpg train'] };
    expect(understood(paths)).toEqual(expected);
    expect(understood(paths.map((path) => `Dataset/${path}`))).toEqual(Object.fromEntries(Object.entries(expected).map(([label, files]) => [label, files.map((file) => `Dataset/${file}`)])));
    expect(understood(['car/x/1.jpg', 'car/test/2.jpg', 'test/x/3.jpg', 'test/test/4.jpg'], { split: { x: 'train', test: 'test' } })).toEqual({ car: ['car/test/2.jpg test', 'car/x/1.jpg train'], test: ['test/test/4.jpg test', 'test/x/3.jpg train'] });
    expect(understood(['cat/x/1.jpg', 'cat/y/2.jpg', 'dog/x/3.jpg'], { split: { x: 'train', y: 'test' } })).toEqual({ cat: ['cat/x/1.jpg train', 'cat/y/2.jpg test'], dog: ['dog/x/3.jpg train'] });
  });
});

describe('what is open is asked for', () => {
  it.each<[string, string[], RegExp]>([
    ['sources', sets('camera1', 'camera2'), /camera1\/ and camera2\/ hold folders of the same names \(a and b\).*--split camera1=train --split camera2=test/],
    ['a part whose name tells nothing', sets('train', 'test', 'extra'), /the name extra does not tell.*--split extra=train/],
    ['groups inside classes', ['cat/2020/1.jpg', 'cat/2021/2.jpg', 'dog/2020/3.jpg', 'dog/2021/4.jpg'], /--class-folders outer where cat and dog are the classes/],
    ['families of classes', ['animals/cats/1.jpg', 'animals/dogs/2.jpg', 'plants/roses/3.jpg', 'plants/oaks/4.jpg'], /cats\/ and dogs\/ in animals\/.*--class-folders outer where animals and plants.*inner where cats, dogs/],
    ['families of classes in splits', ['train', 'test'].flatMap((part) => [`${part}/animals/cats/1.jpg`, `${part}/animals/dogs/2.jpg`, `${part}/plants/roses/3.jpg`, `${part}/plants/oaks/4.jpg`]), /outer where animals and plants/],
    ['both levels called like splits', ['train/train/1.jpg', 'train/test/2.jpg', 'test/train/3.jpg', 'test/test/4.jpg'], /either may be classes or parts/],
    ['splits in one class alone', ['cat/train/1.jpg', 'cat/test/2.jpg', 'dog/3.jpg'], /dog/],
    ['splits inside sources', sets('camera1/train', 'camera1/test', 'camera2/train', 'camera2/test'), /camera1/],
    ['a copy that differs', [...sets('train', 'test'), 'again/train/a/9.jpg', 'again/test/b/8.jpg'], /again\/ holds folders of the same names.*--split again=ignore/],
    ['held-out images inside a class', ['cat/1.jpg', 'cat/test/2.jpg', 'dog/3.jpg'], /cat\/ holds test\//],
    ['held-out images inside a class of a part', ['train/cat/1.jpg', 'train/cat/test/2.jpg', 'train/dog/3.jpg'], /train\/cat\/test/],
    ['folds with splits in each', sets('fold1/train', 'fold1/test', 'fold2/train', 'fold2/test'), /fold1/],
    ['one folder of folders beside images', ['images/a/1.jpg', 'images/b/2.jpg', 'preview/3.jpg'], /--class-folders/],
    ['a family beside a split name', ['train/old/1.jpg', 'train/new/2.jpg', 'car/3.jpg'], /--class-folders/],
    ['the same classes, some of them', ['x/a/1.jpg', 'x/b/2.jpg', 'y/b/3.jpg', 'y/c/4.jpg'], /x\/ and y\//],
    ['folds that hold nothing but splits', ['fold1/train/1.jpg', 'fold1/test/2.jpg', 'fold2/train/3.jpg', 'fold2/test/4.jpg'], /fold1\/ and fold2\//], ['pieces that do', ['part1/train/1.jpg', 'part1/test/2.jpg', 'part2/train/3.jpg', 'part2/test/4.jpg'], /part1\/ and part2\//],
    ['pieces of the data', ['ham_part_1/1.jpg', 'ham_part_2/2.jpg', 'metadata.csv'], /ham_part_1\/ and ham_part_2\/ are named like pieces.*--class-folders outer.*\/data\/metadata\.csv/],
    ['pieces with folders in them', ['images_001/images/1.jpg', 'images_002/images/2.jpg'], /like pieces/], ['wrapped pieces', ['x/batch1/1.jpg', 'x/batch2/2.jpg', 'x/batch10/3.jpg'], /like pieces/],
    ['train and validation in one', sets('train_val', 'test'), /train_val/],
  ])('%s', (_, paths, says) => {
    const answer = understood(paths);
    expect(answer).toMatch(/^DATA_LAYOUT_OPEN/);
    expect(answer).toMatch(says);
  });

  it.each([[['train/1.jpg', 'test/2.jpg']], [['training_set/1.jpg', 'test_set/2.jpg']], [['train/images/1.jpg', 'val/images/2.jpg', 'train/labels/1.txt']], [['data/train/1.jpg', 'data/test/2.jpg']], [['train/1.jpg', 'val/2.jpg', 'bus/3.jpg']]])('never takes splits without class folders for classes: %j', (paths) => {
    expect(understood(paths)).toMatch(/^DATA_UNLABELLED/);
  });

  it('and the answer is followed', () => {
    const cameras = sets('camera1', 'camera2');
    expect(understood(cameras, { split: { camera1: 'train', camera2: 'test' } })).toEqual(asSplits({ camera1: 'train', camera2: 'test' }));
    expect(understood(cameras, { split: { camera1: 'train', 'camera2/': 'ignore' } })).toEqual(asSplits({ camera1: 'train' }));
    expect(understood(sets('x/camera1', 'x/camera2'), { split: { camera1: 'val', camera2: 'train' } })).toEqual(asSplits({ 'x/camera1': 'val', 'x/camera2': 'train' }));
    expect(understood(sets('train', 'test', 'extra'), { split: { extra: 'train' } })).toEqual(asSplits({ train: 'train', test: 'test', extra: 'train' }));
    expect(understood(cameras, { classFolders: 'outer' })).toEqual({ camera1: ['camera1/a/1.jpg', 'camera1/b/2.jpg'], camera2: ['camera2/a/1.jpg', 'camera2/b/2.jpg'] });
    expect(understood(cameras, { classFolders: 'inner' })).toEqual({ a: ['camera1/a/1.jpg', 'camera2/a/1.jpg'], b: ['camera1/b/2.jpg', 'camera2/b/2.jpg'] });
    expect(understood(['train/1.jpg', 'test/2.jpg'], { classFolders: 'outer' })).toEqual({ train: ['train/1.jpg'], test: ['test/2.jpg'] });
    const families = ['animals/cats/1.jpg', 'animals/dogs/2.jpg', 'plants/roses/3.jpg'];
    expect(understood(families, { classFolders: 'inner' })).toEqual({ cats: ['animals/cats/1.jpg'], dogs: ['animals/dogs/2.jpg'], roses: ['plants/roses/3.jpg'] });
    expect(understood(families, { classFolders: 'outer' })).toEqual({ animals: ['animals/cats/1.jpg', 'animals/dogs/2.jpg'], plants: ['plants/roses/3.jpg'] });
    expect(understood(['train/animals/cats/1.jpg', 'train/animals/dogs/2.jpg', 'test/animals/cats/3.jpg', 'test/x/y/4.jpg', 'train/x/y/5.jpg'], { classFolders: 'inner' })).toMatchObject({ cats: ['test/animals/cats/3.jpg test', 'train/animals/cats/1.jpg train'] });
    expect(understood(sets('camera1/train', 'camera1/test', 'camera2/train', 'camera2/test'), { classFolders: 'inner' })).toEqual(asSplits({ 'camera1/train': 'train', 'camera1/test': 'test', 'camera2/train': 'train', 'camera2/test': 'test' }));
  });

  it('classes that are told apart by a number are classes', () => {
    for (const [one, other] of [['0', '1'], ['class_1', 'class_2'], ['001.Albatross', '002.Albatross'], ['grade 1', 'grade 2'], ['type1', 'type2'], ['images', 'photos']] as const) {
      expect(understood([`${one}/1.jpg`, `${other}/2.jpg`])).toEqual({ [one]: [`${one}/1.jpg`], [other]: [`${other}/2.jpg`] });
    }
    expect(understood(['part1/1.jpg', 'part2/2.jpg'], { classFolders: 'outer' })).toEqual({ part1: ['part1/1.jpg'], part2: ['part2/2.jpg'] });
  });

  it('images of a held-out part that lie in no class folder are left out, and said', () => {
    const train = ['train/a/1.jpg', 'train/b/2.jpg'];
    for (const held of ['test/images', 'val/images', 'test_set/test_set', 'TestSet/test', 'validation/data']) {
      const { placed, understood: { leftOut } } = understandFolders(treeOf([...train, `${held}/3.jpg`]), '/data');
      expect(placed.map(({ label }) => label)).toEqual(['a', 'b']);
      expect(leftOut).toEqual([`${held}/ is not used: its images lie in no class folder`]);
    }
    expect(understood([...train, 'test/c/3.jpg'])).toMatchObject({ c: ['test/c/3.jpg test'] });
    expect(understood(['train/images/1.jpg', 'train/b/2.jpg', 'test/images/3.jpg'])).toMatchObject({ images: ['test/images/3.jpg test', 'train/images/1.jpg train'] });
  });

  it('lists of a split beside class folders are named', () => {
    const leftOut = (...beside: string[]) => understandFolders(treeOf(['images/a/1.jpg', 'images/b/2.jpg', ...beside]), '/data').understood.leftOut.join();
    expect(leftOut('meta/test.txt', 'meta/train.txt', 'meta/classes.txt')).toMatch(/^meta\/test\.txt and meta\/train\.txt are not read.*CSV file/);
    expect(leftOut('train_test_split.txt', 'README.md')).toMatch(/^train_test_split\.txt is not read/);
    expect(leftOut('notes.txt', 'labels.csv', 'train.jpg')).toBe('');
  });

  it('an answer to what nobody asked is said to have no effect', () => {
    const told = (paths: readonly string[], options: ReadingOptions) => understandFolders(treeOf(paths), '/data', options).understood.leftOut;
    const flat = [['a/1.jpg', 'b/2.jpg'], sets('train', 'test'), ['data/a/1.jpg', 'data/b/2.jpg'], ['a/train/1.jpg', 'a/test/2.jpg', 'b/train/3.jpg', 'b/test/4.jpg']];
    for (const paths of flat.slice(0, 3)) for (const classFolders of ['inner', 'outer'] as const) expect(told(paths, { classFolders })).toEqual([expect.stringContaining(`--class-folders ${classFolders}) has no effect`)]);
    for (const paths of [...flat.slice(3), ['x/a/1.jpg', 'y/b/2.jpg', 'y/c/2.jpg'], ['train/1.jpg', 'test/2.jpg']]) expect(told(paths, { classFolders: 'outer' })).toEqual([]);
    expect(told(flat[0]!, {})).toEqual([]);
  });

  it('an answer that is about nothing is an error', () => {
    expect(understood(sets('train', 'test'), { split: { trian: 'train' } })).toMatch(/^DATA_SPLIT_UNKNOWN: .*trian.*train and test/);
    expect(understood(sets('camera1', 'camera2'), { split: { camera1: 'train' } })).toMatch(/^DATA_LAYOUT_OPEN: .*camera2\/ is given no use/);
    expect(understood(['train/a/1.jpg', 'train/b/1.jpg', 'pred/2.jpg'], { split: { pred: 'test' } })).toMatch(/^DATA_UNLABELLED/);
  });
});
