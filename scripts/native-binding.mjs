/**
 * Makes the npm package that carries a prebuilt binding, from the native TensorFlow that is installed on this machine:
 *   node scripts/native-binding.mjs FOLDER
 * Installed beside @cultivar/native, `cultivar native install` takes the binding from it where it fits, and needs no compiler.
 * It runs where the C library is as new as the one here, or newer.
 */
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bindingRecord, packageFor, status } from '@cultivar/native';

const [folder] = process.argv.slice(2);
const { installed, broken } = await status();
if (!folder || !installed || broken) {
  console.error(folder ? 'No native TensorFlow is installed here: `cultivar native install`' : 'usage: node scripts/native-binding.mjs FOLDER');
  process.exit(2);
}
const binding = JSON.parse(readFileSync(join(installed.folder, bindingRecord), 'utf8'));
const { version } = JSON.parse(readFileSync(new URL('../packages/native/package.json', import.meta.url), 'utf8'));
const [os, cpu] = binding.platform.split('-');
const files = [...Object.keys(binding.files), bindingRecord];
mkdirSync(folder, { recursive: true });
for (const name of files) copyFileSync(join(installed.folder, name), join(folder, name));
writeFileSync(join(folder, 'package.json'), `${JSON.stringify({
  name: packageFor(binding.platform),
  version,
  description: `Binding of @tensorflow/tfjs-node-gpu ${binding.tfjs}, compiled for TensorFlow ${binding.tensorflow} on ${binding.platform}`,
  license: 'Apache-2.0',
  os: [os],
  cpu: [cpu],
  ...(os === 'linux' && { libc: ['glibc'] }),
  files,
}, null, 2)}\n`);
console.log(folder);
