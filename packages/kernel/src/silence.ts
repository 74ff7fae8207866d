import type { Logger, Progress } from '@cultivar/sdk';

const nothing = (): void => {};

/** Says nothing. */
export const silentLogger: Logger = { debug: nothing, info: nothing, warn: nothing };

/** Shows nothing. */
export const silentProgress: Progress = { start: () => ({ advance: nothing, finish: nothing }) };
