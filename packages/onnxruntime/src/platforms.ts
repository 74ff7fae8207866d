/** Version of ONNX Runtime in the packages of the platforms, and theirs. */
export const runtimeVersion = '1.30.0';

/** Platforms that ONNX Runtime is built for, as Node names them. */
export const platforms = ['darwin-arm64', 'linux-arm64', 'linux-x64', 'win32-arm64', 'win32-x64'] as const;

/** Name of the package that carries the runtime of a platform. */
export const platformPackage = ({ platform, arch }: { platform: string; arch: string }): string => `@cultivar/onnxruntime-${platform}-${arch}`;
