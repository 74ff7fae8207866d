import { isCultivarError } from '@cultivar/sdk';

/** Whether a wheel was not as it should be: it must not be taken a second time. */
export const isDamaged = (error: unknown): boolean => isCultivarError(error) && error.code === 'NATIVE_WHEEL';
