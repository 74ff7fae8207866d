import { Command } from 'commander';
import { collect, count, number, reference, seed, withData, withConfiguration } from './options.js';

export function findRateCommand(): Command {
  return withData(withConfiguration(new Command('find-rate')
    .description('find a learning rate: a sweep by powers of ten and a range test, with pictures')
    .argument('<data>', 'as for train')
    .option(`--backbone ${reference}`, 'pretrained network (default: nano)')
    .option(`--strategy ${reference}`, 'whose first train phase is looked at (default: fine-tune-top)')
    .option(`--optimizer ${reference}`, 'steps (default: adam)')
    .option(`--augment ${reference}`, 'augmentation (repeatable; default: none)', collect)
    .option(`--regularize ${reference}`, 'regularizer (repeatable)', collect)
    .option(`--engine ${reference}`, 'what computes (default: the first that is available)')
    .option('--batch-size <count>', 'images in a training step', count)
    .option('--views <count>', 'augmented copies made of each image (default: 1), with flip and crop where no --augment is given', count)
    .option('--validation <fraction>', 'part of the images kept for validation where the data brings no split (default: 0.2)', number)
    .option('--seed <number>', 'same seed, same result (default: 0)', seed)
    .option('--from <rate>', 'lowest rate (default: 1e-5)', number)
    .option('--to <rate>', 'highest rate (default: 1)', number)
    .option('--range-epochs <count>', 'epochs of the range test (default: 5)', count)
    .option('--sweep-epochs <count>', 'epochs at each rate of the sweep (default: 2)', count)
    .option('-o, --out <folder>', 'where the pictures go (default: a fresh folder in cultivar-out)')));
}

export function compareCommand(): Command {
  const compare = new Command('compare').description('see techniques side by side').action(() => compare.help());
  compare.addCommand(withConfiguration(new Command('initializers')
    .description('outputs and gradients of a deep network before training, layer by layer')
    .argument('[name...]', 'such as he, or normal:deviation=0.1 (default: those of the lecture)')
    .option('--layers <count>', 'hidden layers (default: 10)', count)
    .option('--units <count>', 'units of each (default: 256)', count)
    .option('--samples <count>', 'samples (default: 512)', count)
    .option('--seed <number>', 'same seed, same result (default: 0)', seed)
    .option('-o, --out <folder>', 'where the pictures go (default: a fresh folder in cultivar-out)')));
  compare.addCommand(withData(withConfiguration(new Command('optimizers')
    .description('paths on surfaces of two variables, and training curves on images')
    .argument('[name...]', 'such as adam, or momentum:momentum=0.5 (default: all)')
    .option('--data <data>', 'images to train on as well, as for train')
    .option(`--backbone ${reference}`, 'pretrained network (default: nano)')
    .option(`--strategy ${reference}`, 'whose first train phase is looked at (default: fresh-head)')
    .option(`--engine ${reference}`, 'what computes (default: the first that is available)')
    .option('--epochs <count>', 'epochs of each training (default: 5)', count)
    .option('--batch-size <count>', 'images in a training step', count)
    .option('--seed <number>', 'same seed, same result (default: 0)', seed)
    .option('-o, --out <folder>', 'where the pictures go (default: a fresh folder in cultivar-out)'))));
  compare.addCommand(withData(withConfiguration(new Command('strategies')
    .description('train with one strategy after the other, on the same images')
    .argument('<data>', 'as for train')
    .option('--strategies <name...>', 'such as linear-probe, or fine-tune-deep:epochs=3; the first is what the others are compared to (default: linear-probe stage-probe head2toe fine-tune-top fine-tune-deep)')
    .option(`--backbone ${reference}`, 'pretrained network (default: nano)')
    .option(`--optimizer ${reference}`, 'steps of training phases (default: adam)')
    .option(`--augment ${reference}`, 'augmentation (repeatable), or none (default: flip and crop)', collect)
    .option(`--engine ${reference}`, 'what computes (default: the first that is available)')
    .option('--epochs <count>', 'epochs of each training phase', count)
    .option('--batch-size <count>', 'images in a training step', count)
    .option('--views <count>', 'augmented copies made of each image, of which an epoch trains on one', count)
    .option('--per-class <count>', 'train on so many images of each class at most', count)
    .option('--validation <fraction>', 'part of the images kept for validation where the data brings no split (default: 0.2)', number)
    .option('--seed <number>', 'same seed, same result (default: 0)', seed)
    .option('-o, --out <folder>', 'where the models and pictures go (default: a fresh folder in cultivar-out)')
    .option('--resume', 'go on where it was broken off'))));
  return compare;
}
