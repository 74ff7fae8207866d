import { z } from '@cultivar/sdk';

/** 0 <= share < 1: what is kept of a leaky mean at each step. */
export const shareKept = z.number().min(0).lt(1);
