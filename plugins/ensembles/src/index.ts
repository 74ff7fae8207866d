import { definePlugin } from '@cultivar/sdk';
import { Bagging } from './bagging.js';
import { Boosting } from './boosting.js';
import { Independent } from './independent.js';
import { Snapshot } from './snapshot.js';
import { Soup } from './soup.js';

export default definePlugin({ name: '@cultivar/ensembles', contributions: [Independent, Bagging, Boosting, Snapshot, Soup] });
export { Bagging, Boosting, Independent, Snapshot, Soup };
