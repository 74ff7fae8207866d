/**
 * How much damage in the middle of JPEG files is noticed: photos, scaled and written in one pass and in several, come to harm in five ways.
 *   node bench/jpeg-damage.mjs --data FOLDER [--times 200] [--sizes 48,128,400] [--seed 1]
 * Found: the file is refused. Harmless: it is read, and its pixels are off by less than 2 of 255 on the mean. Unnoticed: it is read, and they are off by more.
 */
import { decodeImage, scanDataset } from '@cultivar/data';
import { createRandom } from '@cultivar/kernel';
import { Command } from 'commander';
import sharp from 'sharp';

const { data, times, sizes, seed } = new Command('node bench/jpeg-damage.mjs')
  .requiredOption('--data <folder>', 'photos in class folders')
  .option('--times <count>', 'files of each kind', Number, 200)
  .option('--sizes <sides>', 'pixels a side', (text) => text.split(',').map(Number), [48, 128, 400])
  .option('--seed <number>', 'of what is drawn', Number, 1)
  .parse().opts();
const random = createRandom(seed).child('damage');
const below = (end) => Math.floor(random.uniform() * end);
const noise = (length) => Buffer.from(Array.from({ length }, () => below(256)));

const ways = {
  'a bit flipped': (bytes, at) => { bytes[at] ^= 1 << below(8); return bytes; },
  'up to 40 bytes of noise': (bytes, at, length) => { noise(length).copy(bytes, at); return bytes; },
  'up to 40 bytes zero': (bytes, at, length) => bytes.fill(0, at, at + length),
  'up to 40 bytes lost': (bytes, at, length) => Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + length)]),
  'up to 40 bytes put in': (bytes, at, length) => Buffer.concat([bytes.subarray(0, at), noise(length), bytes.subarray(at)]),
};

const { samples } = await scanDataset(data);
const photos = samples.filter(({ format }) => format === 'jpeg');
console.log('| JPEG | damage | found | harmless | unnoticed |\n|---|---|---|---|---|');
for (const progressive of [false, true]) {
  const counts = Object.fromEntries(Object.keys(ways).map((way) => [way, [0, 0, 0]]));
  for (const size of sizes) {
    const preprocessing = { size, resize: 'stretch', mean: [0, 0, 0], std: [1, 1, 1], channels: 'rgb' };
    for (let file = 0; file < times; file += 1) {
      const whole = await sharp(photos[below(photos.length)].path).resize(size, size).jpeg({ quality: 60 + below(38), progressive }).toBuffer();
      const sound = await decodeImage(whole, preprocessing);
      const start = whole.indexOf(Buffer.from([0xff, 0xda])) + 14;
      for (const [way, harm] of Object.entries(ways)) {
        const at = start + below(whole.length - start - 4);
        const bytes = harm(Buffer.from(whole), at, Math.min(1 + below(40), whole.length - 2 - at));
        const canvas = await decodeImage(bytes, preprocessing).catch(() => undefined);
        const off = canvas && canvas.reduce((sum, value, index) => sum + Math.abs(value - sound[index]), 0) / canvas.length;
        counts[way][off === undefined ? 0 : off < 2 ? 1 : 2] += 1;
      }
    }
  }
  const share = (count) => `${Math.round((100 * count) / (times * sizes.length))} %`;
  for (const [way, found] of Object.entries(counts)) console.log(`| ${progressive ? 'in several' : 'in one pass'} | ${way} | ${found.map(share).join(' | ')} |`);
}
