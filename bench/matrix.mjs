/** What is measured: which engine does which work on which network, and for how long. */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { peers } from './environment.mjs';

const node = fileURLToPath(new URL('engines/measure.mjs', import.meta.url));
const training = ['head-only epoch', 'last-stages step', 'full step, batch-norm frozen', 'full step, batch-norm train'];
export const networks = ['mobilenet-v1 0.25', 'mobilenet-v2 1.0'];
export const works = ['forward', 'features', ...training];

/**
 * `works`: those that are asked of it. `peer`: not ours; `python`: it runs in the peers' Python. `alone`: it needs so much memory that
 * it is measured before the others are started, instead of in turn with them.
 */
export const engines = {
  pytorch: { script: join(peers, 'torch_works.py'), works, peer: true, python: true },
  'pytorch-stored': { script: join(peers, 'torch_works.py'), works: ['head-only epoch', 'last-stages step'], peer: true, python: true },
  keras: { script: join(peers, 'keras_works.py'), works, peer: true, python: true },
  'tfjs-node': { script: node, works: works.filter((work) => work !== 'full step, batch-norm frozen'), peer: true, alone: true },
  tensorflow: { script: node, works },
  onnx: { script: node, works },
  tfjs: { script: node, works },
};

/** Seconds of one round, and rounds. */
export const timing = { quick: { seconds: 1, rounds: 3 }, full: { seconds: 2, rounds: 5 } };

const everything = { networks, sizes: [96, 160, 224], batches: [1, 16, 32], works, engines: Object.keys(engines) };
const ends = ['pytorch', 'keras', 'tfjs-node', 'tensorflow', 'onnx'];
const stored = ['pytorch', 'pytorch-stored', 'tensorflow', 'onnx'];
/** What fits into five minutes: one size and batch, of the small network the two ends of the range, and no WebAssembly. */
const quick = {
  'mobilenet-v1 0.25': { forward: ends, 'full step, batch-norm train': ends },
  'mobilenet-v2 1.0': {
    features: ends, 'head-only epoch': stored, 'last-stages step': stored,
    'full step, batch-norm frozen': ends.filter((engine) => engine !== 'tfjs-node'), 'full step, batch-norm train': ends,
  },
};

/**
 * @param wanted any of networks, sizes, batches, works, engines, each a list; all of them where absent
 * @returns `{ network, size, batch, work, engines }`, from the cheapest network up
 */
export function cases(wanted, isQuick) {
  const given = Object.fromEntries(Object.entries(wanted).filter(([, list]) => list));
  const chosen = { ...everything, ...(isQuick && { sizes: [224], batches: [16] }), ...given };
  const list = [];
  for (const network of chosen.networks) {
    for (const size of chosen.sizes) {
      for (const batch of chosen.batches) {
        for (const work of chosen.works) {
          const able = Object.keys(engines).filter((engine) => engines[engine].works.includes(work));
          const usual = isQuick && !given.engines && !given.works ? quick[network][work] ?? [] : able;
          const asked = usual.filter((engine) => able.includes(engine) && chosen.engines.includes(engine));
          if (asked.length > 0) list.push({ network, size, batch, work, engines: asked });
        }
      }
    }
  }
  return list;
}
