import { tmpdir } from 'node:os';
import { NetworkReader, prepareBackbone } from '@cultivar/backbone';
import { silentLogger, type Kernel } from '@cultivar/kernel';
import { isCultivarError, ModelReader, type Backbone, type Engine } from '@cultivar/sdk';
import { measureTraining, thisMachine, writeEngineSpeeds, type EngineSpeeds } from './engine-speeds.js';

interface MeasureOptions {
  /** For each engine. */
  seconds?: number;
  images?: number;
  /** Told before each engine begins. */
  say?: (line: string) => void;
}

/**
 * Measures how fast each engine here trains the whole embedded network, and keeps the figures for `auto` to choose by.
 * Engines that do not work here, or cannot train it, are left out.
 * @throws CultivarError OUTPUT_WRITE
 */
export async function measureEngines(kernel: Kernel, { seconds = 8, images = 16, say = () => {} }: MeasureOptions = {}): Promise<EngineSpeeds> {
  const run = kernel.openRun({ seed: 0, outputFolder: tmpdir(), logger: silentLogger, services: [[ModelReader, new NetworkReader()]] });
  try {
    const engines: [string, Engine][] = [];
    for (const { name } of kernel.catalogue.list('engine')) {
      const engine = run.create<Engine>('engine', name);
      // Asked one and all: it is this that makes a tfjs backend active for head and loss.
      const { ok } = await engine.available();
      if (ok && engine.training) engines.push([name, engine]);
    }
    const { model } = prepareBackbone(await run.create<Backbone>('backbone', 'nano').load(), 'nano');
    const [, size] = model.inputs[0]!.shape as [number | null, number];
    const speeds: EngineSpeeds = { machine: thisMachine(), work: `a full training step of nano, ${size} pixels, batch ${images}`, imagesPerSecond: {} };
    try {
      for (const [name, engine] of engines) {
        say(`Engine ${name} trains for ${seconds} seconds ...`);
        const speed = await measureTraining(engine, model, { images, seconds, size }).catch((error: unknown) => {
          if (isCultivarError(error)) return undefined;
          throw error;
        });
        if (speed !== undefined) speeds.imagesPerSecond[name] = speed;
      }
    } finally {
      model.dispose();
    }
    await writeEngineSpeeds(speeds);
    return speeds;
  } finally {
    await run.dispose();
  }
}
