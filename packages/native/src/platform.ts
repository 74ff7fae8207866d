import { failure } from '@cultivar/sdk';
import { familySync, MUSL } from 'detect-libc';

/** Where TensorFlow's libraries come from, and how they are called there. */
export interface Platform {
  /** `linux-x64`, ... */
  name: string;
  /** Package on the Python index: the one without CUDA. */
  wheel: string;
  /** Package whose build has CUDA in it; absent where there is none. */
  cudaWheel?: string;
  /** What the wheel's name must end with. */
  tag: RegExp;
  /** Files of the wheel's folder `tensorflow/`. */
  libraries: readonly string[];
  /** Compilers, the usual one first. */
  compilers: readonly string[];
  /** How a compiler is usually installed. */
  compilerFrom: string;
  /** How a native module is linked, with its libraries in `lib/` beside it. */
  linking: readonly string[];
}

const linux = {
  libraries: ['libtensorflow_cc.so.2', 'libtensorflow_framework.so.2'],
  compilers: ['g++', 'clang++', 'c++'],
  compilerFrom: '`apt install g++`, `dnf install gcc-c++`, or what your system calls it',
  linking: ['-shared', '-Wl,-rpath,$ORIGIN/lib'],
};

const platforms: readonly Platform[] = [
  { name: 'linux-x64', wheel: 'tensorflow-cpu', cudaWheel: 'tensorflow', tag: /manylinux[\w.]*_x86_64\.whl$/, ...linux },
  /*
   * The next two have not been tried on such machines. Names, tags and what a library says of where it is to be found
   * (install_name `@rpath/libtensorflow_cc.2.dylib`, its rpath `@loader_path/`) were read from the wheels of TensorFlow 2.21.
   */
  { name: 'linux-arm64', wheel: 'tensorflow', tag: /manylinux[\w.]*_aarch64\.whl$/, ...linux },
  {
    name: 'darwin-arm64',
    wheel: 'tensorflow',
    tag: /macosx_[\w.]*_arm64\.whl$/,
    libraries: ['libtensorflow_cc.2.dylib', 'libtensorflow_framework.2.dylib'],
    compilers: ['clang++', 'c++', 'g++'],
    compilerFrom: 'xcode-select --install',
    linking: ['-bundle', '-undefined', 'dynamic_lookup', '-Wl,-rpath,@loader_path/lib'],
  },
];

/** `linux-x64`; with `-musl` behind it on Alpine and its like, for which there are no wheels of TensorFlow. */
export const thisPlatform = (): string => `${process.platform}-${process.arch}${familySync() === MUSL ? '-musl' : ''}`;

/** @throws CultivarError NATIVE_PLATFORM, NATIVE_GPU */
export function platformOf(name = thisPlatform(), { gpu = false } = {}): Platform {
  const platform = platforms.find((one) => one.name === name);
  if (!platform) throw failure('NATIVE_PLATFORM', { platform: name });
  if (gpu && !platform.cudaWheel) throw failure('NATIVE_GPU', { platform: name });
  return platform;
}
