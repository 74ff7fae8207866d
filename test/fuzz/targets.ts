/** Everything that is attacked. */
import { target as bundles } from './bundles.js';
import { target as images } from './images.js';
import type { FuzzTarget } from './target.js';

export const targets: readonly FuzzTarget[] = [images, bundles];
