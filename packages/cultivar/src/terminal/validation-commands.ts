import { Command, InvalidArgumentError } from 'commander';
import { collect, common, count, number, reference, seed, withData, withConfiguration } from './options.js';

/** Options of a training that is run several times. */
function training(command: Command): Command {
  return withData(withConfiguration(command
    .option(`--backbone ${reference}`, 'pretrained network (default: nano)')
    .option(`--strategy ${reference}`, 'what to freeze and what to train')
    .option(`--optimizer ${reference}`, 'steps of training phases (default: adam)')
    .option(`--schedule ${reference}`, 'learning rate over a phase (default: cosine)')
    .option(`--augment ${reference}`, 'augmentation (repeatable), or none (default: flip and crop)', collect)
    .option(`--regularize ${reference}`, 'regularizer (repeatable)', collect)
    .option(`--engine ${reference}`, 'what computes (default: the first that is available)')
    .option('--epochs <count>', 'epochs of each training phase', count)
    .option('--batch-size <count>', 'images in a training step', count)
    .option('--views <count>', 'augmented copies made of each image, of which an epoch trains on one', count)
    .option('--seed <number>', 'same seed, same result (default: 0)', seed)
    .option('-o, --out <folder>', 'where the result goes (default: a fresh folder in cultivar-out)')
    .option('--resume', 'go on where it was broken off')));
}

const validation = (command: Command): Command => command.option('--validation <fraction>', 'part of the images kept for validation where the data brings no split (default: 0.2)', number);

function sizes(text: string): number[] {
  const values = text.split(',').map(Number);
  if (!values.every((value, index) => Number.isInteger(value) && value >= 1 && (index === 0 || value > values[index - 1]!))) throw new InvalidArgumentError('It must be whole numbers in ascending order, such as 5,10,20.');
  return values;
}

export function tuneCommand(): Command {
  return validation(training(new Command('tune')
    .description('look for settings that lower the validation loss')
    .argument('<data>', 'as for train')
    .option('--method <name>', 'lecture (by heart, rate, batch size, decay), random or halving', oneOf('lecture', 'random', 'halving'))
    .option('--search <setting=values>', 'such as learningRate=log:1e-5..1e-2, batchSize=8|16 or optimizer.weightDecay=log:1e-6..1e-2 (repeatable)', collect)
    .option('--trials <count>', 'points of a search (default: 20)', count)));
}

function oneOf(...values: string[]): (text: string) => string {
  return (text) => {
    if (!values.includes(text)) throw new InvalidArgumentError(`It must be one of ${values.join(', ')}.`);
    return text;
  };
}

export function crossValidateCommand(): Command {
  return training(new Command('cross-validate')
    .description('judge every image by a model that did not see it')
    .argument('<data>', 'as for train')
    .option('--folds <count>', 'folds (default: 5)', count));
}

export function studyCommand(): Command {
  const study = new Command('study').description('see what the lectures say').action(() => study.help());
  study.addCommand(validation(training(new Command('learning-curve')
    .description('how good a training is with ever more images')
    .argument('<data>', 'as for train')
    .option('--sizes <counts>', 'images of each class (default: 5,10,20,40,80)', sizes))));
  const drawn = (name: string, description: string) => study.addCommand(common(new Command(name)
    .description(description)
    .option('--seed <number>', 'same seed, same result (default: 0)', seed)
    .option('-o, --out <folder>', 'where the picture goes (default: a fresh folder in cultivar-out)')));
  drawn('bias-variance', 'the error of wild and stiff models, taken apart where the truth is known');
  drawn('sharpness', 'small batches against large ones: flat or sharp minima');
  return study;
}
