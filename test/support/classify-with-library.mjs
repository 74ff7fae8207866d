/** node classify-with-library.mjs BUNDLE IMAGE... : probabilities by label, one object an image, through the library. */
import { load } from 'cultivar';

const [bundle, ...images] = process.argv.slice(2);
const model = await load(bundle);
const results = await model.classify(images);
await model.dispose();
console.log(JSON.stringify(results.map((classes) => Object.fromEntries(classes.map(({ label, probability }) => [label, probability])))));
