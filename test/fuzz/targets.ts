/** Everything that is attacked. */
import { target as bundles } from './bundles.js';
import { target as commandLines } from './command-lines.js';
import { target as images } from './images.js';
import { target as csv } from './csv.js';
import { target as folders } from './folders.js';
import type { FuzzTarget } from './target.js';

export const targets: readonly FuzzTarget[] = [images, bundles, folders, csv, commandLines];
