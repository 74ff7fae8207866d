import { describe, expect, it } from '@jest/globals';
import { newest, versionOf } from './wheel-name.js';

const tag = /manylinux[\w.]*_x86_64\.whl$/;
const files = [
  'nvidia_cudnn_cu12-9.2.1.18-py3-none-manylinux2014_x86_64.whl', 'nvidia_cudnn_cu12-9.10.2.21-py3-none-manylinux_2_27_x86_64.whl',
  'nvidia_cudnn_cu12-9.9.0.52-py3-none-manylinux_2_27_x86_64.whl', 'nvidia_cudnn_cu12-10.0.0.1-py3-none-manylinux_2_27_x86_64.whl',
  'nvidia_cudnn_cu12-9.11.0rc1-py3-none-manylinux_2_27_x86_64.whl', 'nvidia_cudnn_cu12-9.12.0.46-py3-none-manylinux_2_27_aarch64.whl',
  'nvidia_cudnn_cu11-9.10.2.30-py3-none-manylinux_2_27_x86_64.whl',
].map((name) => ({ name }));

describe('the name of a wheel', () => {
  it('tells its version; other files have none', () => {
    expect(versionOf('nvidia_cudnn_cu12-9.10.2.21-py3-none-manylinux_2_27_x86_64.whl')).toBe('9.10.2.21');
    expect(versionOf('tensorflow-2.21.0.tar.gz')).toBeUndefined();
    expect(versionOf('mine.whl')).toBeUndefined();
  });

  it('the newest that will do is taken: by number, not by letters; no release candidate, no other platform or package', () => {
    expect(newest(files, { name: 'nvidia-cudnn-cu12', versions: '<10.0,>=9.3.0.75', tag })?.name).toBe(files[1]!.name);
    expect(newest(files, { name: 'NVIDIA.cudnn_cu12', versions: '==9.9.0.52', tag })?.name).toBe(files[2]!.name);
    expect(newest(files, { name: 'nvidia-cudnn-cu12', versions: '>=11', tag })).toBeUndefined();
  });
});
