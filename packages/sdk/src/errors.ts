/**
 * Every error that a user can cause, in one list: a stable code, one sentence of what is wrong and where, what to do,
 * and the exit code (2: the command or the data was wrong; 1: the run failed). The docs page is made from this file.
 */
type Place = Record<string, string | number>;

export interface ErrorEntry {
  exit: 1 | 2;
  /** One sentence; `{name}` stands for a given value. */
  what: string;
  /** What to do, one sentence. */
  mend: string;
}

export const errorCatalogue = {
  // data
  DATA_NOT_FOUND: { exit: 2, what: 'There is nothing at {path}.', mend: 'Give the path of a folder of images or of a CSV file.' },
  DATA_UNREADABLE: { exit: 2, what: '{path} cannot be read ({reason}).', mend: 'Make it readable (where permission is denied: chmod -R u+rX on it, and on the folders above), or choose another folder.' },
  DATA_EMPTY: { exit: 2, what: 'No readable image was found in {path}.', mend: 'Put the images of each class into a folder of its own: {path}/cats/1.jpg, {path}/dogs/1.jpg{tables}.' },
  DATA_UNUSABLE: { exit: 2, what: 'None of the {count} file(s) in {path} can be used; the first is {name}: {reason}.', mend: 'Mend the files, or what keeps them from being read: where permission is denied, chmod -R u+rX; where there is no such file, the paths in the CSV file, which count from its folder.' },
  DATA_FLAT: { exit: 2, what: 'The files in {path} lie in no class folder.', mend: 'Put the images of each class into a folder of its own: {path}/cats/1.jpg, {path}/dogs/1.jpg; or list them in {path}/split.csv (path,label[,split]){tables}.' },
  DATA_LAYOUT_OPEN: { exit: 2, what: 'It is not clear which folders of {path} are the classes: {found}.', mend: '{choices}.' },
  DATA_UNLABELLED: { exit: 2, what: '{folders} in {path} would be parts of a split, but no class folders of two or more names lie in there.', mend: 'Put the images of each class into a folder of its own (train/cats/1.jpg), list them in a CSV file (path,label,split), or take --class-folders outer where these folders are the classes{tables}.' },
  DATA_SPLIT_UNKNOWN: { exit: 2, what: 'The setting split (--split) is about {name}, which is not there in {path}.', mend: 'It can be about: {known}.' },
  DATA_CLASS_UNTRAINED: { exit: 2, what: 'Class {label} has {count} image(s) in {splits} (such as {example}), but none to train on{near}.', mend: 'Write each class alike in all parts of the data and give it images to train on, or leave it out.' },
  DATA_HELD_OUT: { exit: 2, what: 'All images in {path} are held out ({splits}); there is nothing to train on.', mend: 'Give the folder or file that the images to train on are in as well; or say what each part is for with --split NAME=train.' },
  DATA_FOLDS: { exit: 2, what: 'The data in {path} bring {own} folds of their own ({names} ...), and {asked} are asked for.', mend: 'Leave --folds out; or say that they are no folds, with --csv split=none or, of folders, with --split NAME=train for each.' },
  DATA_CLASS_UNKNOWN: { exit: 2, what: 'There are images of class {label} in {path}, which the model does not know{near}.', mend: 'Its classes are: {known}; give images of these alone.' },
  DATA_ONE_CLASS: { exit: 2, what: 'All images in {path} are of one class, {label}.', mend: 'Classification needs two or more classes: one folder each, or two or more labels in a CSV file{tables}.' },
  SEARCH_INVALID: { exit: 2, what: 'The search "{search}" cannot be read: {reason}.', mend: 'Write setting=low..high, setting=log:low..high or setting=a|b|c, such as learningRate=log:1e-5..1e-2.' },
  TUNE_LEARNS_NOTHING: { exit: 1, what: 'Not even twenty images of two classes could be learned by heart: training loss {loss}, where {least} was expected.', mend: 'Something is wrong before any tuning: look at the images and labels, and try another --strategy, --optimizer or --backbone.' },
  PICTURES_MISSING: { exit: 2, what: 'The pictures of a study are drawn with libraries that are not installed.', mend: 'Install them beside cultivar: npm install {libraries}.' },
  TUNE_NO_RESULT: { exit: 1, what: 'None of the {trials} trials came to a result: training diverged in all of them.', mend: 'Search lower learning rates.' },
  ENSEMBLE_UNFIT: { exit: 1, what: 'The members cannot become one model: {reason}.', mend: 'Name one --strategy for all of them that suits it, such as fine-tune-top, or take another --ensemble.' },
  IMPORTANCE_LENGTH: { exit: 2, what: '{given} image weights were given for {images} training images.', mend: 'Give one for each, in the order of the split.' },
  DATA_TOO_FEW: { exit: 2, what: 'Class {label} has {count} readable image(s); at least {least} are needed to train and to validate.', mend: 'Add images to that class or remove it.' },
  DATA_CSV: { exit: 2, what: 'The CSV file {path} is wrong in line {line}: {reason}.', mend: 'Correct that line, or say which columns are meant (--csv path=COLUMN,label=COLUMN,split=COLUMN; split=none for no split) and what the values of the split are for (--split VALUE=train; or val, test, ignore).' },
  DATA_CSV_COLUMNS: { exit: 2, what: 'It is not clear which columns of {path} are which: {reason}.', mend: 'Name them: --csv {example} (and split=COLUMN or fold=COLUMN; columns may be given by number, and 0/1 columns of one class each joined by |); there are: {columns}.' },
  DATA_CSV_SPLIT: { exit: 2, what: 'Column {column} of {path} is called like a split, but it holds {values}.', mend: 'Say --csv split={column} with --split VALUE=train (or val, test, ignore) for each value; --csv fold={column} where these are folds; or --csv split=none where it is no split.' },
  // plugins
  PLUGIN_NOT_FOUND: { exit: 2, what: 'Plugin {plugin} is not found from {from}.', mend: 'Install it with npm, or give the path of its folder or file.' },
  PLUGIN_NEEDED: { exit: 2, what: 'The run in {path} was made with {kind} {name} of plugin {plugin} {version}, which is not loaded.', mend: 'Add --plugin {source} (or plugins: ["{source}"]), installed where it is a package; a bundle loads no plugins by itself.' },
  PLUGIN_MANIFEST: { exit: 2, what: 'The package.json of plugin {plugin} is not that of a Cultivar plugin: {reason}.', mend: 'It must carry "cultivar": { "plugin": "./dist/index.js", "engine": "^0.1.0" }.' },
  PLUGIN_ENGINE: { exit: 2, what: 'Plugin {plugin} is made for Cultivar {range}; this is {version}.', mend: 'Install a version of the plugin, or of Cultivar, that fits the other.' },
  PLUGIN_LOAD: { exit: 2, what: 'Plugin {plugin} could not be loaded: {reason}.', mend: 'Mend the plugin, or leave it out.' },
  PLUGIN_SHAPE: { exit: 2, what: 'Plugin {plugin} does not export a plugin: {reason}.', mend: 'Its default export must be definePlugin({ name, contributions: [...] }).' },
  PLUGIN_CONTRIBUTION: { exit: 2, what: 'Contribution {name} of plugin {plugin} is wrong: {reason}.', mend: 'Put one of the decorators of @cultivar/sdk on its class and write the methods of its contract.' },
  PLUGIN_DUPLICATE: { exit: 2, what: 'Plugin {plugin} adds {kind} {name}, which plugin {other} has already added.', mend: 'Rename one of them, or leave one plugin out.' },
  CONTRIBUTION_UNKNOWN: { exit: 2, what: 'There is no {kind} called {name}.', mend: 'There are: {known}.' },
  OPTION_INVALID: { exit: 2, what: 'Option {option} of {kind} {name} is wrong: {reason}.', mend: 'See `npx cultivar plugins info {name}`.' },
  REFERENCE_SYNTAX: { exit: 2, what: '"{text}" is not understood: {reason}.', mend: 'Write name:key=value,key=value.' },
  ARGUMENT_INVALID: { exit: 2, what: '{argument} of {call} is wrong: {reason}.', mend: 'Correct it; the README, and the types of the package, say what it takes.' },
  CONFIG_INVALID: { exit: 2, what: 'The configuration {path} is wrong: {reason}.', mend: 'Correct it; every setting is described in the README.' },
  CONFIG_NOT_FOUND: { exit: 2, what: 'There is no configuration file {path}.', mend: 'Give the path of a cultivar.config.ts, .js or .json.' },
  // backbones
  BACKBONE_NOT_FOUND: { exit: 2, what: 'There are no weights at {path}.', mend: 'Give a folder that holds model.json and its weight files, the path of model.json, or a URL.' },
  BACKBONE_FORMAT: { exit: 2, what: '{path} is not a network that can be read: {reason}.', mend: 'It must be the model.json of a tfjs LayersModel or GraphModel, with its weight files beside it.' },
  BACKBONE_CHECKSUM: { exit: 2, what: 'The weights at {path} have SHA-256 {found}, not {expected}.', mend: 'Fetch them again, or give the right checksum; where they are part of Cultivar, install it again.' },
  BACKBONE_DOWNLOAD: { exit: 1, what: 'The weights could not be fetched from {url} ({reason}).', mend: 'Check the connection, or fetch them by hand and give weights=PATH.' },
  BACKBONE_WEIGHTS: { exit: 2, what: 'Backbone {name} does not fit the weights at {path}: {reason}.', mend: 'Give the options that the weights were made with.' },
  GRAPH_UNSUPPORTED: { exit: 2, what: 'The graph at {path} has the operator {op} at node {node}, which cannot be turned into a layer.', mend: 'Use a LayersModel of the same network, or cut the graph before that node with output=NODE.' },
  BACKBONE_STAGES: { exit: 2, what: 'No cut was found in the network {name}.', mend: 'Choose a network with one path from pixels to features.' },
  // engines
  ENGINE_UNSUPPORTED: { exit: 1, what: 'Engine {engine} cannot express layer {layer} ({type}): {reason}.', mend: 'Another engine is taken where there is one; --engine chooses.' },
  ENGINE_RUNTIME: { exit: 2, what: 'The ONNX Runtime {own} that was asked for cannot be used: {reason}.', mend: 'Give the path of an installed onnxruntime-node in CULTIVAR_ONNXRUNTIME or in option runtime of engine onnx, or leave both out.' },
  ENGINE_NONE: { exit: 1, what: 'No engine can do this here: {reasons}.', mend: 'Run `npx cultivar doctor`.' },
  // native TensorFlow
  NATIVE_PLATFORM: { exit: 1, what: 'There is no native TensorFlow for {platform} yet.', mend: 'Use the engine onnx, which is built in and works here (--engine onnx): nothing needs native TensorFlow.' },
  NATIVE_GPU: { exit: 1, what: 'There is no build of TensorFlow with CUDA for {platform}.', mend: 'Leave --gpu out.' },
  NATIVE_TOOL: { exit: 1, what: 'Installing native TensorFlow needs {tool}, which is not found.', mend: 'Install it: {how}.' },
  NATIVE_DISK: { exit: 1, what: 'Native TensorFlow needs {needed} GB in {path} while it installs; {free} GB are free.', mend: 'Make room, or set CULTIVAR_CACHE to a folder on a larger disk.' },
  NATIVE_WRITE: { exit: 1, what: '{path} cannot be written ({reason}).', mend: 'Make room, or set CULTIVAR_CACHE to a folder that you can write to.' },
  NATIVE_DOWNLOAD: { exit: 1, what: '{file} could not be fetched ({reason}).', mend: 'Check the connection (PIP_INDEX_URL, HTTPS_PROXY and the settings of pip and npm are honoured) and run the command again: it goes on where it stopped.' },
  NATIVE_WHEEL: { exit: 1, what: 'The TensorFlow wheel {file} is not as it should be: {reason}.', mend: 'Run the command again; it is fetched afresh.' },
  NATIVE_VERSION: { exit: 2, what: 'There is no {wanted} for this machine at {index}.', mend: 'There are: {known}.' },
  NATIVE_COMPILE: { exit: 1, what: 'The binding does not compile with {compiler}: {reason}.', mend: 'Set CXX to a C++17 compiler (g++ 8 or clang++ 7 at least).' },
  NATIVE_BINDING: { exit: 2, what: 'The prebuilt binding in {folder} does not fit: {reason}.', mend: 'Give one made for TensorFlow {tensorflow} on {platform}, or leave --binding out to compile one.' },
  NATIVE_PROOF: { exit: 1, what: 'Native TensorFlow was built, but a training step with it failed: {reason}.', mend: 'Try another --version; without it the built-in engines work as before.' },
  NATIVE_BROKEN: { exit: 1, what: 'The native TensorFlow in {folder} does not load: {reason}.', mend: 'Run `npx cultivar native remove`, then `npx cultivar native install`.' },
  NATIVE_ABORTED: { exit: 1, what: 'The installation was stopped.', mend: 'Run the command again: it goes on where it stopped.' },
  // training
  STAGE_UNKNOWN: { exit: 2, what: 'There is no stage {stage} in backbone {backbone}.', mend: 'Its stages are: {known}.' },
  PLAN_INVALID: { exit: 2, what: 'Strategy {strategy} made a plan that cannot be followed: {reason}.', mend: 'Choose another strategy or mend its plugin.' },
  TRAINING_DIVERGED: { exit: 1, what: 'The loss is no longer a number in phase {phase}, step {step}.', mend: 'Lower the learning rate; the best model so far is kept.' },
  RESUME_MISMATCH: { exit: 2, what: 'The run in {path} cannot be resumed: {reason}.', mend: 'Resume with the same data and options, or begin a new one with another --out.' },
  FROM_UNKNOWN: { exit: 2, what: 'The settings of the run in {path} are not known: {reason}.', mend: 'Give the settings as options, without --from.' },
  RESUME_NOTHING: { exit: 2, what: 'There is no run to resume in {path}.', mend: 'Leave out --resume to begin one.' },
  OUTPUT_EXISTS: { exit: 2, what: '{path} is there already, with a finished run or other files.', mend: 'Choose another place (`--out`; in the library, `out`), or remove what is there.' },
  OUTPUT_WRITE: { exit: 1, what: '{path} cannot be written ({reason}).', mend: 'Make room, or the permission to write there, or choose another place where the command takes one; what was written before is kept.' },
  OUTPUT_BUSY: { exit: 2, what: '{path} is being written to by {owner}.', mend: 'Wait until it has ended, or choose another folder; if it surely runs no longer, remove {lock}.' },
  STDOUT_WRITE: { exit: 1, what: 'The result could not be written to standard output ({reason}).', mend: 'Send it where there is room; what the command wrote into folders is there.' },
  RUN_DAMAGED: { exit: 1, what: '{path} is damaged: {reason}.', mend: 'Look after the disk; what it held is made again where that is possible, or else begin a new run with another --out.' },
  OPEN_FILES: { exit: 1, what: 'Too many files are open at once: no further one may be opened ({path}).', mend: 'Allow more with `ulimit -n 4096`, or end other programs.' },
  SYSTEM_REFUSED: { exit: 1, what: 'The system refused the {what} ({reason}).', mend: 'Look at the disk, the permissions and the limits of this account, then run the command again.' },
  RUN_ABORTED: { exit: 1, what: 'The run was stopped.', mend: 'Give the same command again with --resume --out {path}.' },
  STUDY_ABORTED: { exit: 1, what: 'The study was stopped.', mend: 'Begin it again: nothing of it is kept.' },
  // using a bundle
  EVALUATION_ABORTED: { exit: 1, what: 'The evaluation was stopped.', mend: 'Begin it again.' },
  BUNDLE_NOT_FOUND: { exit: 2, what: 'There is no bundle in {path}.', mend: 'Give the folder that `npx cultivar train` wrote (it holds model.json and cultivar.json).' },
  BUNDLE_INVALID: { exit: 2, what: 'The bundle in {path} is damaged: {reason}.', mend: 'Train it again, or copy it again from where it was made.' },
  BUNDLE_DAMAGED: { exit: 2, what: 'The bundle in {path} is damaged: {file} is not what was written.', mend: 'Copy it again from where it was made, or train it again.' },
  IMAGES_NONE: { exit: 2, what: 'There is no file in {path}.', mend: 'Give image files, or a folder that holds some.' },
  IMAGE_UNREADABLE: { exit: 2, what: 'The image {path} cannot be read: {reason}.', mend: 'Give a JPEG, PNG, WebP, GIF, AVIF, TIFF or BMP file.' },
  CLASSIFIER_DISPOSED: { exit: 2, what: 'The model was disposed of, and classifies no more.', mend: 'Load it again with load(), or dispose of it later.' },
  COMMAND_INVALID: { exit: 2, what: '{reason}.', mend: 'See `npx cultivar --help`.' },
} as const satisfies Record<string, ErrorEntry>;

export type ErrorCode = keyof typeof errorCatalogue;

/** An error that the user can mend. Third-party plugins may use codes of their own, in capitals. */
export class CultivarError extends Error {
  override readonly name = 'CultivarError';
  constructor(
    readonly code: string,
    message: string,
    readonly mend: string,
    readonly exit: 1 | 2,
    cause?: unknown,
  ) {
    super(message, cause === undefined ? undefined : { cause });
  }
}

/** Works across copies of this package, where `instanceof` does not. */
export function isCultivarError(error: unknown): error is CultivarError {
  return error instanceof Error && error.name === 'CultivarError' && 'code' in error && 'mend' in error;
}

/** Makes the error of a code of the catalogue; `place` fills the braces. */
export function failure(code: ErrorCode, place: Place = {}, cause?: unknown): CultivarError {
  const entry: ErrorEntry = errorCatalogue[code];
  const fill = (text: string) => text.replace(/\{(\w+)\}/g, (whole, name: string) => (name in place ? String(place[name]) : whole));
  return new CultivarError(code, fill(entry.what), fill(entry.mend), entry.exit, cause);
}
