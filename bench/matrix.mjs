/** What is measured: which engine does which work on which network, and for how long. */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { peers } from './environment.mjs';

const ours = fileURLToPath(new URL('engines/measure.mjs', import.meta.url));
const training = ['head-only epoch', 'last-stages step', 'full step, batch-norm frozen', 'full step, batch-norm train'];
export const networks = ['mobilenet-v1 0.25', 'mobilenet-v2 1.0'];
export const works = ['forward', 'features', ...training];

/**
 * `works`: those that it does or that are asked of it. `alone`: it needs so much memory that it is measured before the others are
 * started, instead of in turn with them.
 */
export const engines = {
  pytorch: { script: join(peers, 'torch_works.py'), works },
  'pytorch-stored': { script: join(peers, 'torch_works.py'), works: ['head-only epoch', 'last-stages step'] },
  keras: { script: join(peers, 'keras_works.py'), works },
  'tfjs-node': { script: ours, works: works.filter((work) => work !== 'full step, batch-norm frozen'), alone: true },
  tensorflow: { script: ours, works },
  onnx: { script: ours, works },
  tfjs: { script: ours, works },
};
export const isPeer = (engine) => engines[engine].script !== ours;

/** Seconds of one round, and rounds. */
export const timing = { quick: { seconds: 1, rounds: 3 }, full: { seconds: 3, rounds: 5 } };

const everything = { networks, sizes: [96, 160, 224], batches: [1, 16, 32], works, engines: Object.keys(engines) };
/** One size and batch, and of the small network the two ends of the range: WebAssembly alone would take longer than all of it. */
const quick = { sizes: [224], batches: [16], engines: Object.keys(engines).filter((engine) => engine !== 'tfjs') };
const quickWorks = { 'mobilenet-v1 0.25': ['forward', 'full step, batch-norm train'], 'mobilenet-v2 1.0': works };

/**
 * @param wanted any of networks, sizes, batches, works, engines, each a list; all of them where absent
 * @returns `{ network, size, batch, work, engines }`, from the cheapest network up
 */
export function cases(wanted, isQuick) {
  const given = Object.fromEntries(Object.entries(wanted).filter(([, list]) => list));
  const chosen = { ...everything, ...(isQuick && quick), ...given };
  const list = [];
  for (const network of chosen.networks) {
    for (const size of chosen.sizes) {
      for (const batch of chosen.batches) {
        for (const work of chosen.works) {
          if (isQuick && !given.works && !quickWorks[network].includes(work)) continue;
          list.push({ network, size, batch, work, engines: chosen.engines.filter((engine) => engines[engine].works.includes(work)) });
        }
      }
    }
  }
  return list;
}
