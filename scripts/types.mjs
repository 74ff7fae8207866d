/**
 * Makes packages/cultivar/dist/cultivar.d.ts, the types of the front door in one file: those of our own packages taken in, so that a program
 * that imports `cultivar` never sees the types of tfjs, which do not pass TypeScript's checks.
 *   node scripts/types.mjs      (part of npm run build; without the tools of development it names the types of the build itself)
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const file = join(root, 'packages/cultivar/dist/cultivar.d.ts');
/** `sdk` or `sdk/internal`. */
const typesOf = (path) => {
  const [name, entry = 'index'] = path.split('/');
  return join(root, 'packages', name, 'dist', `${entry}.d.ts`);
};

async function tools() {
  try {
    const [{ rollup }, { dts }] = await Promise.all([import('rollup'), import('rollup-plugin-dts')]);
    return { rollup, dts };
  } catch (error) {
    if (error.code !== 'ERR_MODULE_NOT_FOUND') throw error;
    return undefined;
  }
}

const found = await tools();
if (!found) writeFileSync(file, "export * from './index.js';\n");
else {
  const { rollup, dts } = found;
  const ours = {
    name: 'our-packages',
    resolveId: (id) => (id.startsWith('@cultivar/') ? typesOf(id.slice('@cultivar/'.length)) : null),
  };
  const bundle = await rollup({
    input: typesOf('cultivar'),
    external: (id) => !id.startsWith('.') && !id.startsWith('/') && !id.startsWith('@cultivar/') && !/^[A-Za-z]:/.test(id),
    plugins: [ours, dts({ compilerOptions: { skipLibCheck: true } })],
    onwarn: (warning) => { if (warning.code !== 'UNUSED_EXTERNAL_IMPORT' && warning.code !== 'CIRCULAR_DEPENDENCY') throw new Error(warning.message); },
  });
  await bundle.write({ file });
  await bundle.close();
}
