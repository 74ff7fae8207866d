import type { PreparedBackbone } from '@cultivar/backbone';
import type { Progress, Stage, TensorData } from '@cultivar/sdk';
import type { Engines } from '../run/engines.js';
import { FullOutputs } from './full-outputs.js';
import type { ImageSet } from './image-set.js';
import { InFlight } from './in-flight.js';

const batchSize = 32;
/** Batches under way: one computing, one waiting, while the next is decoded. */
const ahead = 2;

/** Outputs of a stage, [images, width], where the rows of some images hold. */
export interface KnownRows {
  table: TensorData;
  images: readonly number[];
}

interface ComputeOptions {
  /** What is told while it computes. */
  label?: string;
  /** Stages whose outputs are kept in full as well, and of which images, where memory has room for them. */
  full?: { stages: readonly string[]; images: readonly number[] };
}

/** How a table is called: by its stage, and of the second geometry with a mark behind. */
const nameOf = (stage: string, geometry: number): string => (geometry === 0 ? stage : `${stage} in the second geometry`);

interface Table {
  /** [images, width], images by number. */
  data: Float32Array;
  width: number;
  known: Uint8Array;
}

/**
 * Outputs of stages, averaged over height and width, and over the geometries in which each image is looked at. Whatever is asked for together is computed in one pass
 * of the frozen backbone, overlapped with decoding, and kept until the weights change.
 */
export class PooledFeatures {
  /** How many of the geometries of the images are averaged. */
  geometries = 1;
  private tables = new Map<string, Table>();
  private full: FullOutputs | undefined;

  constructor(
    private readonly backbone: PreparedBackbone,
    private readonly engines: Engines,
    private readonly images: ImageSet,
    private readonly progress: Progress,
    private readonly signal: AbortSignal,
  ) {}

  /**
   * Computes what is not there yet. Images that cannot be decoded are withdrawn from the image set.
   * @param stages names of stages
   */
  async compute(stages: readonly string[], indices: readonly number[], options: ComputeOptions = {}): Promise<void> {
    for (let geometry = 0; geometry < this.geometries; geometry += 1) {
      const usable = geometry === 0 ? indices : this.decodable(indices);
      await this.computeIn(geometry, stages, usable, geometry === 0 ? options : { label: options.label });
    }
  }

  private decodable(indices: readonly number[]): readonly number[] {
    const gone = new Set(this.images.withdrawn.map(({ index }) => index));
    return gone.size === 0 ? indices : indices.filter((index) => !gone.has(index));
  }

  private async computeIn(geometry: number, stages: readonly string[], indices: readonly number[], { label = 'Computing features', full: inFull }: ComputeOptions): Promise<void> {
    const names = stages.map((stage) => nameOf(stage, geometry));
    const lacks = (name: string, index: number) => this.tables.get(name)?.known[index] !== 1;
    const missing = indices.filter((index) => names.some((name) => lacks(name, index)));
    if (missing.length === 0) return;
    const wanted = stages.filter((_, at) => missing.some((index) => lacks(names[at]!, index)));
    const tables = wanted.map((stage) => this.table(stage, geometry));
    const canvases = this.images.canvases[geometry]!;
    const full = inFull && inFull.stages.length > 0 ? this.full = new FullOutputs(inFull.stages.map((stage) => this.stage(stage)), inFull.images) : undefined;
    const program = await this.engines.inference(this.backbone.model, {
      normalisation: this.backbone.input,
      outputs: [
        ...wanted.map((stage) => ({ layer: this.stage(stage).output, pool: 'average' as const })),
        ...(full?.stages ?? []).map(({ output }) => ({ layer: output })),
      ],
    });
    const task = this.progress.start(label, missing.length, 'images');
    const jobs = new InFlight(ahead);
    const before = canvases.failures.length;
    try {
      for await (const batch of canvases.batches(batchSize, missing)) {
        this.signal.throwIfAborted();
        await jobs.add(async () => {
          const outputs = await program.run(batch.images);
          tables.forEach((table, position) => keep(table, batch.indices, outputs[position]!));
          await full?.put(batch.indices, outputs.slice(tables.length));
          task.advance(batch.indices.length);
        });
      }
      await jobs.done();
    } finally {
      await jobs.settled();
      task.finish();
      await program.dispose();
    }
    this.images.withdraw(canvases.failures.slice(before));
  }

  /** Outputs of stages joined, [N, F]; computed before, by {@link compute}. */
  joined(stages: readonly string[], indices: readonly number[], geometries = this.geometries): TensorData {
    const widths = stages.map((stage) => this.stage(stage).outputShape.at(-1)!);
    const width = widths.reduce((sum, own) => sum + own, 0);
    const data = new Float32Array(indices.length * width);
    for (let geometry = 0; geometry < geometries; geometry += 1) {
      const tables = stages.map((stage) => this.table(stage, geometry));
      indices.forEach((index, row) => {
        let at = row * width;
        for (const table of tables) {
          if (table.known[index] !== 1) throw new Error(`features of image ${index} were not computed`);
          for (let from = index * table.width; from < (index + 1) * table.width; from += 1, at += 1) data[at]! += table.data[from]! / geometries;
        }
      });
    }
    return { data, shape: [indices.length, width] };
  }

  /** What a stage gives images in full in their first geometry, and these stages averaged; undefined where not all of it was kept. */
  async inFull(stage: string, averaged: readonly string[], indices: readonly number[]): Promise<{ inputs: TensorData; joined?: TensorData } | undefined> {
    const inputs = this.covers(averaged, indices, 1) ? await this.full?.get(stage, indices) : undefined;
    return inputs && { inputs, ...(averaged.length > 0 && { joined: this.joined(averaged, indices, 1) }) };
  }

  /** Whether these outputs of these images have been computed. */
  covers(stages: readonly string[], indices: readonly number[], geometries = this.geometries): boolean {
    return Array.from({ length: geometries }).every((_, geometry) => stages.every((stage) => {
      const known = this.tables.get(nameOf(stage, geometry))?.known;
      return known !== undefined && indices.every((index) => known[index] === 1);
    }));
  }

  /** The weights have changed: what is kept no longer holds. */
  forget(): void {
    this.tables.clear();
    this.full = undefined;
  }

  /** What is known, for keeping: of each stage, and geometry, [images, width], and the images whose rows are there. */
  snapshot(): Record<string, KnownRows> {
    return Object.fromEntries([...this.tables].map(([name, { data, width, known }]) => {
      const images = [...known.keys()].filter((index) => known[index] === 1);
      return [name, { table: { data, shape: [this.images.samples.length, width] }, images }];
    }));
  }

  /** Puts a {@link snapshot} back. */
  restore(snapshot: Readonly<Record<string, KnownRows>>): void {
    for (const [name, { table: { data, shape }, images }] of Object.entries(snapshot)) {
      const known = new Uint8Array(this.images.samples.length);
      for (const index of images) known[index] = 1;
      this.tables.set(name, { data: Float32Array.from(data), width: shape[1] ?? 0, known });
    }
  }

  private table(stage: string, geometry: number): Table {
    const name = nameOf(stage, geometry);
    let table = this.tables.get(name);
    if (!table) {
      const width = this.stage(stage).outputShape.at(-1)!;
      const count = this.images.samples.length;
      table = { data: new Float32Array(count * width), width, known: new Uint8Array(count) };
      this.tables.set(name, table);
    }
    return table;
  }

  private stage(name: string): Stage {
    return this.backbone.stages.find((stage) => stage.name === name)!;
  }
}

function keep(table: Table, indices: readonly number[], { data }: TensorData): void {
  indices.forEach((index, row) => {
    table.data.set(data.subarray(row * table.width, (row + 1) * table.width), index * table.width);
    table.known[index] = 1;
  });
}

/**
 * Stages worth solving on: the last at each resolution, where most has been computed before detail is given up.
 * @returns from pixels to top, the top always among them
 */
export function lastOfEachResolution(stages: readonly Stage[]): Stage[] {
  return stages.filter((stage, index) => {
    const next = stages[index + 1];
    return !next || stage.outputShape.length !== next.outputShape.length || stage.outputShape[0] !== next.outputShape[0] || stage.outputShape[1] !== next.outputShape[1];
  });
}
