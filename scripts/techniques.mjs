/**
 * Makes docs/techniques.md: every technique with its source, file, test and a command that shows it. The rows come from the catalogue;
 * what is no contribution is listed here.
 *   node scripts/techniques.mjs [--check]      (npm run build first; --check only says whether the page is up to date)
 */
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { createKernel } from '@cultivar/kernel';

const root = fileURLToPath(new URL('..', import.meta.url));
const page = `${root}docs/techniques.md`;
const folders = readdirSync(`${root}plugins`).filter((folder) => existsSync(`${root}plugins/${folder}/package.json`));
const kernel = await createKernel({ plugins: folders.map((folder) => `@cultivar/${folder}`), from: root });

/** What shows a technique of a kind. */
const commands = {
  optimizer: (name) => `npx cultivar compare optimizers ${name}`,
  schedule: (name) => (name === 'range-test' ? 'npx cultivar find-rate DATA' : `npx cultivar train DATA --strategy fine-tune-top --schedule ${name}`),
  initializer: (name) => `npx cultivar compare initializers ${name}`,
  augmentation: (name) => `npx cultivar preview DATA --augment ${name}`,
  regularizer: (name) => `npx cultivar train DATA --strategy fine-tune-top --regularize ${name}`,
  layer: (name) => `npx cultivar plugins info ${name} --kind layer`,
  solver: (name) => `npx cultivar train DATA --strategy linear-probe --solver ${name}`,
  strategy: (name) => `npx cultivar train DATA --strategy ${name}`,
  // What is solved alone differs little from seed to seed; what is weighed anew need not be trained by steps.
  ensemble: (name) => `npx cultivar train DATA --strategy ${['bagging', 'boosting'].includes(name) ? 'linear-probe' : 'fine-tune-top'} --ensemble ${name}`,
  similarity: (name) => `npx cultivar train DATA --similarity ${name}`,
  metric: () => 'npx cultivar evaluate BUNDLE DATA',
};
/** Names whose file is called otherwise, and files whose test stands under another name. */
const tests = (folder, name) => {
  const own = `plugins/${folder}/src/${name}.test.ts`;
  if (existsSync(root + own)) return own;
  const others = readdirSync(`${root}plugins/${folder}/src`).filter((file) => file.endsWith('.test.ts')).map((file) => `plugins/${folder}/src/${file}`);
  return others.find((file) => new RegExp(`['"./]${name}(\\.js)?['"]`).test(readFileSync(root + file, 'utf8'))) ?? 'test/sweep.test.ts';
};

const rows = Object.entries(commands).flatMap(([kind, command]) => kernel.catalogue.list(kind).map(({ name, summary, reference, plugin }) => {
  const folder = plugin.replace('@cultivar/', '');
  return { kind, name, summary, source: reference ?? '', file: `plugins/${folder}/src/${name}.ts`, test: tests(folder, name), command: command(name) };
}));

const others = [
  ['test time', 'crops', 'One, five, ten or multi-scale crops averaged', 'Krizhevsky, Sutskever & Hinton 2012; He et al. 2016', 'packages/data/src/crops', 'npx cultivar evaluate BUNDLE DATA --crops 10'],
  ['test time', 'monte-carlo', 'Dropout left on and averaged', 'Gal & Ghahramani 2016', 'packages/training/src/bundle/monte-carlo', 'npx cultivar evaluate BUNDLE DATA --dropout 0.5x20'],
  ['hyperparameters', 'find-rate', 'A sweep by powers of ten and a range test', 'Smith 2017, Cyclical learning rates', 'packages/study/src/rates/find-rate', 'npx cultivar find-rate DATA'],
  ['validation', 'cross-validation', 'Stratified k-fold cross-validation of a whole training', 'Kohavi 1995', 'packages/study/src/validation/cross-validation', 'npx cultivar cross-validate DATA'],
  ['validation', 'bootstrap', 'Confidence intervals of every reported figure', 'Efron 1979', 'packages/training/src/evaluation/bootstrap', 'npx cultivar evaluate BUNDLE DATA'],
  ['validation', 'bias-variance', 'Bias, variance and noise where the truth is known', 'Geman, Bienenstock & Doursat 1992', 'packages/study/src/validation/bias-variance', 'npx cultivar study bias-variance'],
  ['validation', 'learning-curve', 'How good a training is with ever more images', 'Cortes et al. 1994', 'packages/study/src/validation/learning-curve', 'npx cultivar study learning-curve DATA', 'packages/study/src/validation/cross-validation.test.ts'],
  ['validation', 'sharpness', 'Batch size against flat or sharp minima', 'Keskar et al. 2017; Li et al. 2018', 'packages/study/src/validation/sharpness', 'npx cultivar study sharpness'],
  ['hyperparameters', 'lecture-order', 'By heart, rate by tens, finer, batch size, weight decay', 'Stanford CS231n notes, Neural networks 3', 'packages/study/src/tune/lecture-order', 'npx cultivar tune DATA', 'packages/study/src/tune/tune.test.ts'],
  ['hyperparameters', 'random-search', 'Points drawn at random', 'Bergstra & Bengio 2012', 'packages/study/src/tune/random-search', 'npx cultivar tune DATA --method random --search learningRate=log:1e-5..1e-2', 'packages/study/src/tune/tune.test.ts'],
  ['hyperparameters', 'successive-halving', 'Many with few epochs, few with many', 'Jamieson & Talwalkar 2016', 'packages/study/src/tune/successive-halving', 'npx cultivar tune DATA --method halving --search learningRate=log:1e-5..1e-2', 'packages/study/src/tune/tune.test.ts'],
].map(([kind, name, summary, source, path, command, test = `${path}.test.ts`]) => ({ kind, name, summary, source, file: `${path}.ts`, test, command }));

const all = [...rows, ...others];
const lacking = all.flatMap((row) => [
  ...(['source', 'command'].filter((field) => !row[field]).map((field) => `${row.kind} ${row.name}: no ${field}`)),
  ...([row.file, row.test].filter((path) => !existsSync(root + path)).map((path) => `${row.kind} ${row.name}: ${path} is not there`)),
]);
if (lacking.length > 0) {
  console.error(lacking.join('\n'));
  process.exit(1);
}
const cell = (text) => text.replaceAll('|', '\\|');
const kinds = [...new Set(all.map(({ kind }) => kind))];
const text = `# Techniques

Made by \`node scripts/techniques.mjs\` from the catalogue. Each technique with its source, the file it is read in, the test that holds it and a
command that shows it. Of the five none is missing, or this page would not be made. \`DATA\` is a folder of images.

${kinds.map((kind) => `## ${kind[0].toUpperCase()}${kind.slice(1)}

| technique | source | file | test | command |
|---|---|---|---|---|
${all.filter((row) => row.kind === kind).map((row) => `| **${row.name}**: ${cell(row.summary)} | ${cell(row.source)} | [${row.file.split('/').at(-1)}](../${row.file}) | [${row.test.split('/').at(-1)}](../${row.test}) | \`${cell(row.command)}\` |`).join('\n')}
`).join('\n')}`;
if (!process.argv.includes('--check')) writeFileSync(page, text);
else if (!existsSync(page) || readFileSync(page, 'utf8') !== text) {
  console.error('docs/techniques.md is not that of the catalogue: run node scripts/techniques.mjs');
  process.exit(1);
}
