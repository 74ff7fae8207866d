/**
 * The commands and their options. Nothing heavy is loaded before a command runs: `cultivar --help` needs commander alone.
 */
import { jsonLine, printable } from '@cultivar/sdk/internal';
import { Command, CommanderError, Option } from 'commander';
import { version } from '../version.js';
import { collect, common, count, crops, dropout, number, onceEach, reference, seed, withConfiguration, withData, withImages, withPlugins } from './options.js';
import { misspelledVariables } from './environment.js';
import { command } from './next-step.js';
import { watchStreams } from './standard-streams.js';
import { compareCommand, findRateCommand } from './study-commands.js';
import { crossValidateCommand, studyCommand, tuneCommand } from './validation-commands.js';

function trainCommand(): Command {
  return withData(withConfiguration(new Command('train')
    .description('fine-tune a pretrained network on a folder of images')
    .argument('[data]', 'folder with a folder of images for each class, folder of such folders (train/ val/ test/), or CSV (path,label[,split])')
    .option(`--backbone ${reference}`, 'pretrained network (default: nano)')
    .option(`--strategy ${reference}`, 'what to freeze and what to train (default: auto)')
    .option(`--optimizer ${reference}`, 'steps of training phases (default: adam)')
    .option(`--schedule ${reference}`, 'learning rate over a phase (default: cosine)')
    .option(`--solver ${reference}`, 'solves the new classifier on frozen features (default: lbfgs)')
    .option(`--initializer ${reference}`, 'fresh weights where they are not solved (default: glorot)')
    .option(`--augment ${reference}`, 'augmentation (repeatable), or none (default: flip and crop, if they leave images what they are)', collect)
    .option(`--regularize ${reference}`, 'regularizer (repeatable)', collect)
    .option(`--ensemble ${reference}`, 'train several models and make one of them')
    .option(`--similarity ${reference}`, 'measures how like the pretraining images the data is (default: feature-similarity)')
    .option(`--engine ${reference}`, 'what computes (default: the first that is available)')
    .option('--epochs <count>', 'epochs of each training phase', count)
    .option('--batch-size <count>', 'images in a training step', count)
    .option('--learning-rate <rate>', 'base learning rate of training phases', number)
    .option('--views <count>', 'augmented copies made of each image, of which an epoch trains on one', count)
    .addOption(new Option('--keep <which>', 'of a training phase: its best epoch, if better than the model before, or its last in any case (default: better)').choices(['better', 'last']))
    .option('--validation <fraction>', 'part of the images kept for validation where the data brings no split (default: 0.2)', number)
    .option('--seed <number>', 'same seed, same result (default: 0)', seed)
    .option('-o, --out <folder>', 'where the result goes (default: a fresh folder, cultivar-out/<data>)')
    .option('--from <bundle>', 'repeat the run that made this model: its settings and its data, where none are given here')
    .option('--resume', 'continue an unfinished run')));
}

function evaluateCommand(): Command {
  return withData(withPlugins(new Command('evaluate')
    .description('measure a trained model on labelled images')
    .argument('<bundle>', 'folder that train wrote')
    .argument('<data>', 'images of the same classes, in any of the layouts of train')
    .option('--crops <crops>', 'crops of each image to average: 1, 5, 10 or multi-scale (default: as the model says, or 1)', crops)
    .option('--dropout <rate>x<draws>', 'average predictions with features dropped, such as 0.5x20 (default: as the model says, or none)', dropout)
    .option('--keep', 'let the model predict so from now on')
    .option(`--engine ${reference}`, 'what computes (default: the first that is available)')));
}

function predictCommand(): Command {
  return withImages(withPlugins(new Command('predict')
    .description('classify images with a trained model')
    .argument('<bundle>', 'folder that train wrote')
    .argument('<image...>', 'image files, or folders of images')
    .option('--crops <crops>', 'crops of each image to average: 1, 5, 10 or multi-scale (default: as the model says, or 1)', crops)
    .option('--dropout <rate>x<draws>', 'average predictions with features dropped, such as 0.5x20 (default: as the model says, or none)', dropout)
    .option('-k, --top <count>', 'how many classes to name for each image', count, 3)
    .option(`--engine ${reference}`, 'what computes (default: the first that is available)')));
}

function pluginsCommand(): Command {
  const plugins = new Command('plugins').description('what techniques there are').action(() => plugins.help());
  plugins.addCommand(withPlugins(new Command('list').description('list techniques by kind').argument('[kind]', 'only this kind, such as optimizer')));
  plugins.addCommand(withPlugins(new Command('info').description('options of a technique').argument('<name>', 'such as mixup')
    .addOption(new Option('--kind <kind>', 'where two kinds share the name'))));
  return plugins;
}

function dataCommand(): Command {
  const data = new Command('data').description('look at a dataset').action(() => data.help());
  data.addCommand(withData(common(new Command('check').description('read every image and say what is wrong').argument('<data>', 'as for train'))));
  return data;
}

function previewCommand(): Command {
  return withData(withConfiguration(new Command('preview')
    .description('draw images of a dataset as augmentations change them')
    .argument('<data>', 'as for train')
    .option(`--augment ${reference}`, 'augmentation (repeatable), in the order of their use (default: flip and crop)', collect)
    .option('--images <count>', 'rows: images (default: 6)', count)
    .option('--views <count>', 'columns: augmented views of each image (default: 6)', count)
    .option('--size <pixels>', 'side of a picture (default: 160)', count)
    .option('--seed <number>', 'same seed, same picture (default: 0)', seed)
    .option('-o, --out <file>', 'PNG file to write (default: preview.png in a fresh folder in cultivar-out)')));
}

function nativeCommand(): Command {
  const native = new Command('native').description('native TensorFlow, which trains faster (optional)').action(() => native.help());
  native.addCommand(common(new Command('install')
    .description('fetch TensorFlow, compile its binding and prove it, once for all projects (needs npm, a C++ compiler, 1.6 GB for the moment)')
    .option('--gpu', 'the build with CUDA, and the libraries of NVIDIA (Linux x64; 10 GB for the moment)')
    .option('--version <version>', 'version of TensorFlow')
    .option('--wheel <path>', 'a TensorFlow wheel that is there already')
    .option('--binding <folder>', 'a binding compiled elsewhere, instead of compiling one: the folder of another installation')));
  native.addCommand(common(new Command('status').description('what is installed, and where')));
  native.addCommand(common(new Command('remove').description('take it off the disk')));
  return native;
}

type Handler = (positional: readonly unknown[], options: Record<string, unknown>) => Promise<number>;

/** The command line, with what each command does left to `handlers`. */
export function buildProgram(handlers: Record<string, Handler>, finished: (code: number) => void, say: (sentence: string) => void = () => {}): Command {
  const program = new Command(command)
    .description('Fine-tune pretrained image networks on your own photos')
    .version(version)
    .showHelpAfterError(false)
    // An option behind a command is that command's: `native install --version 2.21.0`.
    .enablePositionalOptions()
    .addCommand(trainCommand())
    .addCommand(evaluateCommand())
    .addCommand(predictCommand())
    .addCommand(pluginsCommand())
    .addCommand(dataCommand())
    .addCommand(previewCommand())
    .addCommand(findRateCommand())
    .addCommand(compareCommand())
    .addCommand(tuneCommand())
    .addCommand(crossValidateCommand())
    .addCommand(studyCommand())
    .addCommand(nativeCommand())
    .addCommand(withPlugins(new Command('doctor').description('say what works on this machine')
      .option('--bench', 'measure how fast each engine trains here, for a minute; `auto` then takes the fastest')));
  program.addHelpText('after', `\nExamples:\n  ${command} train photos/\n  ${command} predict cultivar-out/photos cat.jpg`);
  const attach = (each: Command, path: string): void => {
    // Complaints become errors in our own form; see errors.ts.
    each.exitOverride().configureOutput({ outputError: () => {} });
    onceEach(each, say);
    for (const child of each.commands) attach(child, `${path} ${child.name()}`.trim());
    const handler = handlers[path];
    if (handler) {
      each.action(async (...values: unknown[]) => {
        const positional = values.slice(0, -2);
        finished(await handler(positional, each.opts()));
      });
    }
  };
  attach(program, '');
  return program;
}

const handlers: Record<string, Handler> = {
  train: async ([data], options) => (await import('./train.js')).train(data as string | undefined, options as object),
  evaluate: async ([bundle, data], options) => (await import('./evaluate.js')).evaluate(bundle as string, data as string, options),
  predict: async ([bundle, images], options) => (await import('./predict.js')).predict(bundle as string, images as string[], options as { top: number }),
  'plugins list': async ([kind], options) => (await import('./plugins.js')).list(kind as string | undefined, options),
  'plugins info': async ([name], options) => (await import('./plugins.js')).info(name as string, options),
  'data check': async ([data], options) => (await import('./data-check.js')).check(data as string, options),
  preview: async ([data], options) => (await import('./preview.js')).preview(data as string, options),
  'find-rate': async ([data], options) => (await import('./find-rate.js')).findRate(data as string, options),
  'compare initializers': async ([names], options) => (await import('./compare.js')).initializers(names as string[], options),
  'compare optimizers': async ([names], options) => (await import('./compare.js')).optimizers(names as string[], options),
  'compare strategies': async ([data], options) => (await import('./compare-strategies.js')).strategies(data as string, options),
  tune: async ([data], options) => (await import('./tune.js')).tune(data as string, options),
  'cross-validate': async ([data], options) => (await import('./study.js')).crossValidate(data as string, options),
  'study learning-curve': async ([data], options) => (await import('./study.js')).learningCurve(data as string, options),
  'study bias-variance': async (_, options) => (await import('./study.js')).biasAndVariance(options),
  'study sharpness': async (_, options) => (await import('./study.js')).sharpness(options),
  'native install': async (_, options) => (await import('./native.js')).nativeInstall(options),
  'native status': async (_, options) => (await import('./native.js')).nativeStatus(options),
  'native remove': async (_, options) => (await import('./native.js')).nativeRemove(options),
  doctor: async (_, options) => (await import('./doctor.js')).doctor(options),
};

/**
 * Runs a command line.
 * @param words what follows `cultivar`
 * @returns exit code: 0 done, 1 the run failed, 2 the command or the data was wrong
 */
export async function run(words: string[]): Promise<number> {
  const streams = watchStreams();
  try {
    const code = await perform(words);
    const error = await streams.settled();
    if (!error) return code;
    // The streams themselves are at fault: what is to be said of it goes where it can, and the work that was done stays done.
    const [{ errorLines }, { failure }, { systemReason }] = await Promise.all([import('./errors.js'), import('@cultivar/sdk'), import('@cultivar/sdk/internal')]);
    process.stderr.write(`${errorLines(failure('STDOUT_WRITE', { reason: systemReason(error) }, error), words.includes('--debug')).join('\n')}\n`);
    await streams.settled();
    return Math.max(code, 1);
  } finally {
    streams.release();
  }
}

async function perform(words: string[]): Promise<number> {
  let code = 0;
  const warn = (sentence: string) => process.stderr.write(`Warning: ${printable(sentence)}\n`);
  for (const sentence of await misspelledVariables(Object.keys(process.env))) warn(sentence);
  try {
    const program = buildProgram(handlers, (result) => { code = result; }, warn);
    await program.parseAsync(words, { from: 'user' });
    return code;
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return 0;
    if (error instanceof CommanderError && error.code === 'commander.help') return 2;
    const { errorLines, told } = await import('./errors.js');
    const { exit, ...rest } = told(error);
    if (words.includes('--json')) process.stdout.write(`${jsonLine({ error: rest })}\n`);
    process.stderr.write(`${errorLines(error, words.includes('--debug')).map(printable).join('\n')}\n`);
    return exit;
  }
}
