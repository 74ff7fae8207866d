import { failure } from '@cultivar/sdk';

/** Where TensorFlow's libraries come from, and how they are called there. */
export interface Platform {
  /** `linux-x64`, ... */
  name: string;
  /** Package on the Python index: the one without CUDA. */
  wheel: string;
  /** What the wheel's name must end with. */
  tag: RegExp;
  /** Files of the wheel's folder `tensorflow/`. */
  libraries: readonly string[];
}

const linux = ['libtensorflow_cc.so.2', 'libtensorflow_framework.so.2'];
const platforms: readonly Platform[] = [
  { name: 'linux-x64', wheel: 'tensorflow-cpu', tag: /manylinux[\w.]*_x86_64\.whl$/, libraries: linux },
  // The next two are written after the layout of their wheels; they have not been tried on such a machine.
  { name: 'linux-arm64', wheel: 'tensorflow', tag: /manylinux[\w.]*_aarch64\.whl$/, libraries: linux },
  { name: 'darwin-arm64', wheel: 'tensorflow', tag: /macosx_[\w.]*_arm64\.whl$/, libraries: ['libtensorflow_cc.2.dylib', 'libtensorflow_framework.2.dylib'] },
];

/** @throws CultivarError NATIVE_PLATFORM */
export function platformOf(name = `${process.platform}-${process.arch}`): Platform {
  const platform = platforms.find((one) => one.name === name);
  if (!platform) throw failure('NATIVE_PLATFORM', { platform: name });
  return platform;
}
