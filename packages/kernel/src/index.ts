/**
 * @cultivar/kernel: finds, checks and loads plugins, keeps the catalogue, and opens runs. It knows no tensors.
 */
export type { CatalogueEntry, CheckedReference } from './catalogue.js';
export { Catalogue } from './catalogue.js';
export { loadConfig, pluginSourcesSchema, type LoadedConfig } from './config.js';
export { createKernel, Kernel, type KernelOptions, type LoadedPlugin } from './kernel.js';
export { nearNames } from './near-names.js';
export { optionProblem, type OptionProblem } from './option-check.js';
export { shown } from './option-sentences.js';
export type { PluginLocation, PluginSource, PluginSources } from './plugin-source.js';
export { createRandom } from './random.js';
export { parseReference } from './reference.js';
export { Run, type RunOptions } from './run.js';
export { written } from './written.js';
export { silentLogger, silentProgress } from './silence.js';
