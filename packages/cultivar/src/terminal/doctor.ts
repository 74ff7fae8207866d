import { mkdtemp, mkdir, rm, statfs, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { availableParallelism, arch, cpus, freemem, platform, release, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import type sharpModule from 'sharp';
import { figure, isCultivarError, type Engine } from '@cultivar/sdk';
import { silentLogger } from '@cultivar/kernel';
import { prove as proveNative, status as nativeStatus } from '@cultivar/native';
import { openKernel, type OpenedKernel } from '../kernel.js';
import { readyBackend } from '../tensorflow.js';
import { version } from '../version.js';
import { Terminal } from './terminal.js';
import { duration } from './words.js';

interface DoctorOptions {
  json?: boolean;
  quiet?: boolean;
  debug?: boolean;
  plugin?: string[];
  config?: string;
  bench?: boolean;
}

interface EngineReport {
  name: string;
  ok: boolean;
  trains: boolean;
  reasons: string[];
}

interface ProofReport {
  ok: boolean;
  seconds: number;
  accuracy?: number;
  reason?: string;
}

const gibibytes = (bytes: number) => Number((bytes / 2 ** 30).toFixed(1));

/** `cultivar doctor`: 0 where a small run succeeds, 1 where it does not. */
export async function doctor(options: DoctorOptions): Promise<number> {
  const terminal = new Terminal(options);
  const opened = await openKernel({ plugins: options.plugin, config: options.config, logger: terminal.logger });
  const tensorflow = { version: (await import('@tensorflow/tfjs-core')).version_core, backend: await readyBackend() };
  const folder = await mkdtemp(join(tmpdir(), 'cultivar-doctor-'));
  try {
    const engines = await inspectEngines(opened, folder);
    const graphics = await lookForGpu();
    terminal.say('A small run, from drawn images to a model ...');
    const proof = await prove(folder);
    const speeds = options.bench ? await (await import('@cultivar/training')).measureEngines(opened.kernel, { say: (line) => terminal.say(line) }) : null;
    const { bavail, bsize } = await statfs(process.cwd());
    const report = {
      cultivar: version,
      node: process.version,
      platform: `${platform()} ${release()} ${arch()}`,
      processor: cpus()[0]?.model ?? 'unknown',
      cores: availableParallelism(),
      memory: { total: gibibytes(totalmem()), free: gibibytes(freemem()) },
      disk: { folder: process.cwd(), free: gibibytes(bavail * bsize) },
      tensorflow,
      cache: await cacheFolder(),
      configuration: opened.configPath ?? null,
      plugins: opened.kernel.plugins.map((plugin) => `${plugin.name} ${plugin.version}`),
      engines,
      speeds,
      ...(graphics && { graphics }),
      proof,
    };
    terminal.close();
    terminal.result(report, () => [
      `cultivar ${report.cultivar}, Node ${report.node}, ${report.platform}`,
      `${report.processor}, ${report.cores} cores, ${report.memory.total} GiB memory (${report.memory.free} free), ${report.disk.free} GiB disk free here`,
      `tfjs ${tensorflow.version} on ${tensorflow.backend}`,
      `cache: ${report.cache}`,
      `configuration: ${report.configuration ?? 'none'}`,
      'plugins:',
      ...report.plugins.map((plugin) => `  ${plugin}`),
      'engines:',
      ...engines.map((engine) => `  ${engine.name}: ${engine.ok ? 'works' : 'does not work'}${engine.ok && !engine.trains ? ', inference only' : ''}${engine.reasons.length > 0 ? ` (${engine.reasons.join('; ')})` : ''}`),
      ...(speeds ? [`images a second, ${speeds.work}:`, ...Object.entries(speeds.imagesPerSecond).sort(([, a], [, b]) => b - a).map(([name, speed]) => `  ${name}: ${figure(speed, 1)}`)] : []),
      ...(graphics ? [`native TensorFlow with CUDA: ${graphics.gpu ? 'computes on the GPU' : `no GPU was found (${graphics.reason}); it computes on the processor`}`] : []),
      proof.ok
        ? `small run: done in ${duration(proof.seconds)}`
        : `small run: FAILED after ${duration(proof.seconds)}: ${proof.reason ?? ''}`,
    ]);
    return proof.ok ? 0 : 1;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function inspectEngines({ kernel }: OpenedKernel, folder: string): Promise<EngineReport[]> {
  const run = kernel.openRun({ seed: 0, outputFolder: folder, logger: silentLogger });
  try {
    const reports: EngineReport[] = [];
    for (const { name } of kernel.catalogue.list('engine')) {
      try {
        const engine = run.create<Engine>('engine', name);
        const { ok, reasons } = await engine.available();
        reports.push({ name, ok, trains: typeof engine.training === 'function', reasons });
      } catch (error) {
        reports.push({ name, ok: false, trains: false, reasons: [error instanceof Error ? error.message : String(error)] });
      }
    }
    return reports;
  } finally {
    await run.dispose();
  }
}

/** Whether a build of native TensorFlow with CUDA finds a GPU; undefined where there is no such build. */
async function lookForGpu(): Promise<{ gpu: boolean; reason?: string } | undefined> {
  const { installed, broken } = await nativeStatus();
  if (!installed?.cuda || broken) return undefined;
  try {
    const { gpu, gpuReason } = await proveNative(installed.folder, { cuda: true });
    return { gpu, ...(!gpu && { reason: gpuReason }) };
  } catch (error) {
    return { gpu: false, reason: isCultivarError(error) ? error.message : String(error) };
  }
}

async function cacheFolder(): Promise<string> {
  const { defaultCacheFolder } = await import('@cultivar/backbone');
  return defaultCacheFolder();
}

/** Draws two classes of sixteen images each, fine-tunes the embedded backbone on them and classifies one. */
async function prove(folder: string): Promise<ProofReport> {
  const began = performance.now();
  const seconds = () => (performance.now() - began) / 1000;
  try {
    const data = join(folder, 'images');
    await drawStripes(data);
    const [{ fineTune }, { load }] = await Promise.all([import('../fine-tune.js'), import('../load.js')]);
    const { bundle, metrics } = await fineTune({ data, backbone: 'nano', strategy: 'linear-probe', out: join(folder, 'bundle'), config: false });
    const model = await load(bundle);
    const [best] = await model.classify(join(data, 'horizontal', '0.png'));
    await model.dispose();
    if (best?.label !== 'horizontal') return { ok: false, seconds: seconds(), accuracy: metrics.accuracy, reason: `an image of horizontal stripes was taken for ${best?.label ?? 'nothing'}` };
    return { ok: true, seconds: seconds(), accuracy: metrics.accuracy };
  } catch (error) {
    const reason = isCultivarError(error) ? `${error.message} ${error.mend} [${error.code}]` : String(error);
    return { ok: false, seconds: seconds(), reason };
  }
}

const side = 64;

async function drawStripes(folder: string): Promise<void> {
  // Not as an ES module: packages/data/src/sharp.ts says why.
  const sharp = createRequire(import.meta.url)('sharp') as typeof sharpModule;
  for (const label of ['horizontal', 'vertical']) {
    await mkdir(join(folder, label), { recursive: true });
    for (let image = 0; image < 16; image += 1) {
      const width = 4 + (image % 4) * 2;
      const pixels = new Uint8Array(side * side * 3);
      for (let y = 0; y < side; y += 1) {
        for (let x = 0; x < side; x += 1) {
          const along = (label === 'horizontal' ? y : x) + image;
          const shade = Math.floor(along / width) % 2 === 0 ? 40 + image * 3 : 210 - image * 3;
          pixels.fill(shade, (y * side + x) * 3, (y * side + x) * 3 + 3);
        }
      }
      const png = await sharp(pixels, { raw: { width: side, height: side, channels: 3 } }).png().toBuffer();
      await writeFile(join(folder, label, `${image}.png`), png);
    }
  }
}
