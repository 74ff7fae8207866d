import type { Progress } from './services.js';

/** Progress of bytes, shown in MB. */
export function megabytes(progress: Progress | undefined, label: string, total: number): { reach(bytes: number): void; finish(): void } {
  const task = progress?.start(label, Math.max(1, Math.round(total / 1e6)), 'MB');
  let shown = 0;
  return {
    reach(bytes) {
      const now = Math.floor(bytes / 1e6);
      if (now > shown) task?.advance(now - shown);
      shown = Math.max(shown, now);
    },
    finish: () => task?.finish(),
  };
}
