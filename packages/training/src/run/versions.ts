import type { Kernel } from '@cultivar/kernel';
import { version_core as tfjsVersion } from '@tensorflow/tfjs-core';
import { createRequire } from 'node:module';

const { version } = createRequire(import.meta.url)('../../package.json') as { version: string };

/** What the result was made with: name to version. */
export function versions(kernel: Kernel): Record<string, string> {
  return { cultivar: version, node: process.versions.node, tfjs: tfjsVersion, ...Object.fromEntries(kernel.plugins.map((plugin) => [plugin.name, plugin.version])) };
}
