/** Folders of images in all sorts of arrangements, made together with what they mean. */
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { scanDataset, type ReadingOptions, type Split } from '@cultivar/data';
import { isCultivarError } from '@cultivar/sdk';
import { randomFrom, type Random } from './random.js';
import type { FuzzTarget } from './target.js';
import { tinyImage } from './tiny-image.js';

/** What an image means; `undefined`: it is not to be used. */
type Truth = { label: string; split?: Split; fold?: string } | undefined;

interface Arrangement {
  files: Map<string, Truth>;
  /** Whether nothing has to be asked. */
  clear: boolean;
  /** What makes it clear where it is not. */
  answer?: ReadingOptions;
}

const partNames: Record<Split, readonly string[]> = {
  train: ['train', 'Train', 'training', 'training_set', 'seg_train', 'TrainImages', 'trainset', 'flowers-train', 'train data', '01_train'],
  val: ['val', 'valid', 'Validation', 'validation_set', 'dev', 'imagenet_val', 'ValImages', 'valset', 'eval'],
  test: ['test', 'TEST', 'testing', 'test_set', 'seg_test', 'TestImages', 'testset', 'holdout', 'held-out'],
};
const sourceNames = ['camera1', 'camera2', 'north', 'south', 'a', 'b', 'site-x', 'set1', 'extra', '2019', '2020', 'labelled', 'photos'] as const;
const classNames = ['cat', 'dog', 'sea lion', 'bus', 'tram', 'été', 'été'.normalize('NFD'), 'Cat', '0', '1', '10', 'b\u00e4r', '\u732b', 'class', 'images', 'old', 'car.v2', 'train', 'test', 'fold1', 'val'] as const;
const wrapperNames = ['data', 'Dataset', 'images', 'archive', 'flowers', 'x', 'seg', 'raw images'] as const;

export const target: FuzzTarget = {
  name: 'folders',
  async attempt(seed, folder) {
    const random = randomFrom(seed);
    const { files, clear, answer } = arrange(random);
    let number = seed % 1000;
    for (const [place, truth] of files) {
      await mkdir(dirname(join(folder, place)), { recursive: true });
      await writeFile(join(folder, place), truth === undefined && !/\.(?:bmp|jpg)$/.test(place) ? `notes ${number}` : tinyImage(number += 1));
    }
    const finding = await compared(folder, files, undefined, clear);
    if (finding !== undefined || answer === undefined) return finding;
    return await compared(folder, files, answer, true);
  },
};

async function compared(folder: string, files: ReadonlyMap<string, Truth>, reading: ReadingOptions | undefined, clear: boolean): Promise<string | undefined> {
  const shown = () => `${JSON.stringify([...files.keys()])}${reading ? ` with ${JSON.stringify(reading)}` : ''}`;
  let dataset;
  try {
    dataset = await scanDataset(folder, { ...(reading && { reading }) });
  } catch (error) {
    if (!isCultivarError(error)) throw error;
    return clear ? `${error.code} where all is clear: ${error.message} ${error.mend} In: ${shown()}` : undefined;
  }
  const expected = [...files].flatMap(([name, truth]) => (truth ? [told(name, truth)] : [])).sort();
  const found = dataset.samples.map(({ name, label, split, fold }) => told(name, { label: dataset.classes[label]!, split, fold })).sort();
  const wrong = found.find((one) => !expected.includes(one)) ?? expected.find((one) => !found.includes(one));
  return wrong === undefined ? undefined : `understood as something else: ${wrong} (expected ${expected.join('; ')}) in ${shown()}`;
}

const told = (name: string, { label, split, fold }: NonNullable<Truth>): string => `${name} is ${label}${split ? ` of ${split}` : ''}${fold === undefined ? '' : ` in ${fold}`}`;

function arrange(random: Random): Arrangement {
  const kind = random.pick(['classes', 'splits', 'splits', 'splits', 'sources', 'folds', 'inside', 'families']);
  // Of three classes in two families two are in one: otherwise the families are the classes, by another name.
  const classes = drawn(random, classNames, (kind === 'families' ? 3 : 2) + random.below(3));
  const arrangement = arrangements[kind]!(random, classes);
  return decorated(random, arrangement);
}

const called = (names: readonly string[], among: readonly string[]) => names.some((name) => among.includes(name));
const splitLike = (names: readonly string[]) => called(names, ['train', 'test', 'val']);

const arrangements: Record<string, (random: Random, classes: readonly string[]) => Arrangement> = {
  classes(random, classes) {
    const files = new Map<string, Truth>();
    for (const label of classes) images(random, label, (place) => files.set(place, { label }));
    return { files, clear: classes.filter((name) => splitLike([name])).length < 2, ...(splitLike(classes) && { answer: { classFolders: 'outer' } }) };
  },
  splits(random, classes) {
    const files = new Map<string, Truth>();
    const uses: Split[] = random.pick([['train', 'val'], ['train', 'test'], ['train', 'val', 'test'], ['val', 'train', 'test']]);
    const answer: Record<string, Split> = {};
    for (const split of uses) {
      const name = random.pick(partNames[split]);
      answer[name] = split;
      const inner = random.chance(0.3) ? `${name}/${random.chance(0.5) ? name : random.pick(wrapperNames)}` : name;
      // A class may be missing where images are held out, as long as two are left.
      const own = split !== 'train' && classes.length > 2 && random.chance(0.2) ? classes.slice(1) : classes;
      for (const label of own) images(random, `${inner}/${label}`, (place) => files.set(place, { label, split }));
    }
    return { files, clear: !classes.every((name) => splitLike([name])), answer: { split: answer } };
  },
  sources(random, classes) {
    const files = new Map<string, Truth>();
    const split: Record<string, Split> = {};
    for (const name of drawn(random, sourceNames, 2 + random.below(2))) {
      split[name] = Object.keys(split).length === 0 ? 'train' : random.pick(['train', 'val', 'test']);
      for (const label of classes) images(random, `${name}/${label}`, (place) => files.set(place, { label, split: split[name]! }));
    }
    return { files, clear: false, answer: { split } };
  },
  folds(random, classes) {
    const files = new Map<string, Truth>();
    const style = random.pick(['fold', 'Fold_', 'fold-', 'kfold', 'Fold ']);
    for (let fold = 1; fold <= 2 + random.below(4); fold += 1) {
      for (const label of classes) images(random, `${style}${fold}/${label}`, (place) => files.set(place, { label, fold: `${style}${fold}` }));
    }
    return { files, clear: !classes.every((name) => splitLike([name])) };
  },
  inside(random, classes) {
    const files = new Map<string, Truth>();
    const names = { train: random.pick(partNames.train), test: random.pick(partNames.test) };
    for (const label of classes) {
      for (const split of ['train', 'test'] as const) images(random, `${label}/${names[split]}`, (place) => files.set(place, { label, split }));
    }
    return { files, clear: !splitLike(classes), answer: { split: { [names.train]: 'train', [names.test]: 'test' } } };
  },
  families(random, classes) {
    const files = new Map<string, Truth>();
    const families = drawn(random, ['animals', 'plants', 'things', 'north'], 2);
    const inner = random.chance(0.5);
    classes.forEach((label, index) => {
      const family = families[index % 2]!;
      images(random, `${family}/${label}`, (place) => files.set(place, { label: inner ? label : family }));
    });
    return { files, clear: false, answer: { classFolders: inner ? 'inner' : 'outer' } };
  },
};

/** Some images of one class: right in a folder. */
function images(random: Random, place: string, add: (place: string) => void): void {
  for (let left = 1 + random.below(3), number = random.below(1000); left > 0; left -= 1, number += 1) add(`${place}/${number}${random.pick(['.jpg', '.bmp', '', '.JPG', ' (1).png'])}`);
}

/** Wrappers around, and what lies beside and does not count. */
function decorated(random: Random, { files, clear, answer }: Arrangement): Arrangement {
  let around = '';
  for (let left = random.below(3); left > 0; left -= 1) around += `${random.pick(wrapperNames)}/`;
  const all = new Map([...files].map(([place, truth]) => [around + place, truth]));
  const beside = ['README.md', 'labels.csv', '.DS_Store', 'LICENSE', '.hidden/x/1.jpg', '__MACOSX/cat/1.jpg', 'docs/notes.txt', 'Thumbs.db', 'annotations/train/1.xml'];
  for (const name of beside) if (random.chance(0.2)) all.set(around + name, undefined);
  for (const name of beside) if (random.chance(0.1)) all.set(name, undefined);
  return { files: all, clear, ...(answer && { answer }) };
}

function drawn<T>(random: Random, list: readonly T[], count: number): T[] {
  const left = [...list];
  return Array.from({ length: count }, () => left.splice(random.below(left.length), 1)[0]!);
}
