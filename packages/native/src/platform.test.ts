import { describe, expect, it } from '@jest/globals';
import { platformOf } from './platform.js';
import { newest } from './wheel/wheel-name.js';

/** As an index lists them: every platform, several Pythons, several versions. */
const files = [
  'tensorflow-2.20.0-cp312-cp312-macosx_12_0_arm64.whl', 'tensorflow-2.20.0-cp312-cp312-manylinux_2_17_aarch64.manylinux2014_aarch64.whl',
  'tensorflow-2.20.0-cp312-cp312-manylinux_2_17_x86_64.manylinux2014_x86_64.whl', 'tensorflow-2.20.0-cp312-cp312-win_amd64.whl',
  'tensorflow-2.21.0-cp312-cp312-macosx_12_0_arm64.whl', 'tensorflow-2.21.0-cp312-cp312-manylinux_2_27_aarch64.whl',
  'tensorflow-2.21.0-cp312-cp312-manylinux_2_27_x86_64.whl', 'tensorflow-2.21.0-cp312-cp312-win_amd64.whl', 'tensorflow-2.2.0.tar.gz',
  'tensorflow_cpu-2.21.0-cp312-cp312-manylinux_2_27_x86_64.whl', 'tensorflow_cpu-2.21.0-cp312-cp312-win_amd64.whl',
].map((name) => ({ name }));

describe('a platform', () => {
  it.each([
    ['linux-x64', false, 'tensorflow_cpu-2.21.0-cp312-cp312-manylinux_2_27_x86_64.whl', 'libtensorflow_cc.so.2'],
    ['linux-x64', true, 'tensorflow-2.21.0-cp312-cp312-manylinux_2_27_x86_64.whl', 'libtensorflow_cc.so.2'],
    ['linux-arm64', false, 'tensorflow-2.21.0-cp312-cp312-manylinux_2_27_aarch64.whl', 'libtensorflow_cc.so.2'],
    ['darwin-arm64', false, 'tensorflow-2.21.0-cp312-cp312-macosx_12_0_arm64.whl', 'libtensorflow_cc.2.dylib'],
  ])('%s, GPU %s, takes its own wheel and libraries', (name, gpu, wheel, library) => {
    const platform = platformOf(name, { gpu });
    const wanted = { name: (gpu && platform.cudaWheel) || platform.wheel, versions: '==2.21.0', tag: platform.tag };
    expect(newest(files, wanted)?.name).toBe(wheel);
    expect(platform.libraries).toContain(library);
  });

  it('links for where its libraries are looked for', () => {
    expect(platformOf('linux-arm64').linking).toContain('-Wl,-rpath,$ORIGIN/lib');
    expect(platformOf('darwin-arm64').linking).toEqual(expect.arrayContaining(['-bundle', '-Wl,-rpath,@loader_path/lib']));
    expect(platformOf('darwin-arm64').compilers[0]).toBe('clang++');
  });

  it.each(['win32-x64', 'win32-arm64', 'darwin-x64', 'linux-x64-musl'])('%s has none yet: the engine onnx is named', (name) => {
    expect(() => platformOf(name)).toThrow(expect.objectContaining({ code: 'NATIVE_PLATFORM', message: expect.stringMatching(`${name} yet`), mend: expect.stringContaining('engine onnx') }));
  });

  it.each(['linux-arm64', 'darwin-arm64'])('%s has no build with CUDA', (name) => {
    expect(() => platformOf(name, { gpu: true })).toThrow(expect.objectContaining({ code: 'NATIVE_GPU', mend: expect.stringContaining('--gpu') }));
  });
});
