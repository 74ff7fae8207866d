import { describe, expect, it } from '@jest/globals';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { locateRuntime, unsupported, type Machine, type Resolve } from './locate.js';
import { platforms } from './platforms.js';

const machine = (platform: string, arch: string, musl = false): Machine => ({ platform, arch, musl });
const installed = (...names: string[]): Resolve => (specifier) => {
  if (names.includes(specifier)) return `/there/${specifier}`;
  throw Object.assign(new Error(`Cannot find module '${specifier}'`), { code: 'MODULE_NOT_FOUND' });
};

describe('the runtime', () => {
  it.each(platforms)('of %s comes from its own package, whatever else is there', (platform) => {
    const [os, cpu] = platform.split('-') as [string, string];
    expect(unsupported(machine(os, cpu))).toBeUndefined();
    expect(locateRuntime(undefined, machine(os, cpu), installed(`@cultivar/onnxruntime-${platform}`, 'onnxruntime-node')).name).toBe(`@cultivar/onnxruntime-${platform}`);
  });

  it('is an onnxruntime-node that is there where the package is not', () => {
    expect(locateRuntime(undefined, machine('linux', 'x64'), installed('onnxruntime-node'))).toEqual({ name: 'onnxruntime-node', path: '/there/onnxruntime-node' });
  });

  it('that is missing says which command installs it', () => {
    expect(() => locateRuntime(undefined, machine('linux', 'x64'), installed())).toThrow(/npm install @cultivar\/onnxruntime-linux-x64@\d/);
  });

  it.each([['linux', 'x64', true, /without glibc .*musl/], ['linux', 'arm64', true, /musl/], ['darwin', 'x64', false, /no build for darwin x64/], ['linux', 'riscv64', false, /no build for linux riscv64/], ['freebsd', 'x64', false, /no build for freebsd x64/]] as const)(
    'that was never built for %s %s (musl: %s) is one sentence', (platform, arch, musl, sentence) => {
      expect(() => locateRuntime(undefined, machine(platform, arch, musl), installed('onnxruntime-node'))).toThrow(sentence);
    });

  it('of the user is taken by path, on any machine, and said to be missing where it is not', () => {
    const folder = mkdtempSync(join(tmpdir(), 'cultivar-runtime-'));
    try {
      mkdirSync(join(folder, 'mine'));
      writeFileSync(join(folder, 'mine', 'package.json'), '{"main":"entry.js"}');
      writeFileSync(join(folder, 'mine', 'entry.js'), '');
      expect(locateRuntime(join(folder, 'mine'), machine('linux', 'x64', true)).path).toMatch(/entry\.js$/);
      expect(() => locateRuntime(join(folder, 'other'))).toThrow(/no onnxruntime-node at .*other/);
      expect(() => locateRuntime('onnxruntime-of-nobody')).toThrow(/onnxruntime-of-nobody, seen from/);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
