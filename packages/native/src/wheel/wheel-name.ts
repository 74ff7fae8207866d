import { maxSatisfying, valid } from '@renovatebot/pep440';

/** What is looked for among the files of a package. */
export interface Wanted {
  /** Package on the index. */
  name: string;
  /** Versions that will do, as PEP 440 writes them: `==2.21.0`, `>=9.3.0.75,<10.0`. */
  versions: string;
  /** What the wheel's name must end with. */
  tag: RegExp;
}

/** `NVIDIA.cudnn-cu12` and `nvidia_cudnn_cu12` are one and the same (PEP 503). */
const normalized = (name: string): string => name.replace(/[-_.]+/g, '_').toLowerCase();

/** Version of a wheel by its file name (PEP 427: `name-version-python-abi-platform.whl`); undefined for any other file. */
export function versionOf(file: string): string | undefined {
  return file.endsWith('.whl') ? (valid(file.split('-')[1] ?? '') ?? undefined) : undefined;
}

/** Versions among these files that are for this package and platform, whether they will do or not. */
export function versionsAmong(files: readonly string[], { name, tag }: Wanted): string[] {
  const fitting = files.filter((file) => normalized(file.split('-')[0]!) === normalized(name) && tag.test(file));
  return [...new Set(fitting.map(versionOf).filter((version) => version !== undefined))];
}

/** The newest of these files that will do. */
export function newest<File extends { name: string }>(files: readonly File[], wanted: Wanted): File | undefined {
  const version = maxSatisfying(versionsAmong(files.map(({ name }) => name), wanted), wanted.versions);
  return version === null ? undefined : files.find(({ name }) => versionsAmong([name], wanted).includes(version));
}
