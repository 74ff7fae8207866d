/**
 * Makes of the many files that the compiler writes into `build` the few that are published and run, in `dist`: one for each entry of a package,
 * and chunks of what entries share or load late. Files cost: a command would read 700 of them before it does anything.
 *   node scripts/bundle.mjs      (part of npm run build; without the tools of development, entries that name the files of the build itself)
 * inversify and zod, another 240 files, are taken into @cultivar/sdk alone; our other packages have them from there.
 */
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
/** What is loaded by its path, besides what package.json exports. */
const loadedByPath = { 'packages/cultivar': ['terminal/program.js'], 'packages/native': ['proof.js'] };
/** CommonJS of a megabyte: to be imported, Node would read it twice more for the names that it exports. */
const required = /^@tensorflow\/tfjs-(core|layers)$/;
const takenIn = { 'packages/sdk': /^(inversify|@inversifyjs\/[\w-]+|reflect-metadata|zod)(\/|$)/ };

const { rollup } = await import('rollup').catch((error) => {
  if (error.code !== 'ERR_MODULE_NOT_FOUND') throw error;
  return {};
});

const slashes = (path) => path.split(sep).join('/');
const filesOf = (folder) => (existsSync(folder) ? readdirSync(folder, { recursive: true, encoding: 'utf8' }).map(slashes).sort() : []);
const isScript = (file) => /\.c?js$/.test(file);

/** Changes when anything does that the result depends on. */
function inputs(room, files) {
  const hash = createHash('sha256').update(String(Boolean(rollup)));
  const others = [fileURLToPath(import.meta.url), join(root, 'package-lock.json'), join(root, room, 'package.json')];
  for (const file of [...others, ...files.map((one) => join(root, room, 'build', one))]) hash.update(`${file} ${statSync(file).mtimeMs} ${statSync(file).size}\n`);
  return hash.digest('hex');
}

/** Names, as they are in `build` and `dist`, of the files that others load. */
function entriesOf(room) {
  const { exports } = JSON.parse(readFileSync(join(root, room, 'package.json'), 'utf8'));
  const exported = Object.values(exports).flatMap((one) => one.default?.slice('./dist/'.length) ?? []);
  return [...exported, ...(loadedByPath[room] ?? [])];
}

/** The licences of the packages that files come from. */
function licences(files) {
  const folders = files.filter((file) => file.includes('node_modules')).map((file) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(slashes(file))[0]);
  return [...new Set(folders)].sort().map((folder) => {
    const { name, version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    const texts = readdirSync(folder).filter((file) => /^(licen[cs]e|notice|copyright)/i.test(file)).map((file) => readFileSync(join(folder, file), 'utf8').trim());
    if (texts.length === 0) throw new Error(`${name} has no licence with it`);
    return `${name} ${version}\n\n${texts.join('\n\n')}\n`;
  });
}

/** @returns the names of what was written */
async function bundle(room, entries) {
  const build = join(root, room, 'build');
  const dist = join(root, room, 'dist');
  const inside = takenIn[room] ?? /^$/;
  const ours = {
    name: 'ours',
    resolveId(id) {
      if (required.test(id)) return { id: `\0${id}`, syntheticNamedExports: 'exported' };
      return inside.test(id) ? fileURLToPath(import.meta.resolve(id)) : null;
    },
    load: (id) => (id.startsWith('\0') ? `import { createRequire } from 'node:module';\nexport const exported = createRequire(import.meta.url)('${id.slice(1)}');\n` : null),
    // A file goes on to find what lies beside it, and its package.json, as if it lay in `dist` by its own name.
    resolveImportMeta: (property, { chunkId, moduleId }) => {
      if (moduleId.startsWith('\0')) return null;
      const place = slashes(relative(dirname(join(dist, chunkId)), join(dist, relative(build, moduleId))));
      return property === 'url' ? `new URL(${JSON.stringify(place)}, import.meta.url).href` : null;
    },
  };
  const quiet = ['CIRCULAR_DEPENDENCY', 'INVALID_ANNOTATION', 'THIS_IS_UNDEFINED'];
  const made = await rollup({
    input: Object.fromEntries(entries.map((entry) => [entry.slice(0, -'.js'.length), join(build, entry)])),
    external: (id) => /^[@\w]/.test(id) && !/^[A-Za-z]:/.test(id) && !inside.test(id) && !required.test(id),
    plugins: [ours],
    treeshake: false,
    onwarn: (warning) => { if (!quiet.includes(warning.code)) throw new Error(`${room}: ${warning.message}`); },
  });
  const { output } = await made.write({ dir: dist, entryFileNames: '[name].js', chunkFileNames: 'chunks/[name].js', hoistTransitiveImports: false });
  await made.close();
  const renamed = output.flatMap(({ code }) => code.match(/\bclass \w+\$\d+\b/g) ?? []);
  if (renamed.length > 0) throw new Error(`${room}: ${renamed.join(', ')}: two classes of a package have one name, and people are told it`);
  const texts = licences(made.watchFiles);
  if (texts.length > 0) writeFileSync(join(dist, 'THIRD-PARTY-LICENSES.txt'), texts.join(`\n${'-'.repeat(80)}\n\n`));
  return output.map(({ fileName }) => fileName);
}

/** @returns the names of what was written */
function nameTheBuild(room, entries) {
  for (const entry of entries) {
    const from = join(root, room, 'build', entry);
    const place = JSON.stringify(slashes(relative(dirname(join(root, room, 'dist', entry)), from)));
    const hasDefault = /^export default /m.test(readFileSync(from, 'utf8'));
    mkdirSync(dirname(join(root, room, 'dist', entry)), { recursive: true });
    writeFileSync(join(root, room, 'dist', entry), `export * from ${place};\n${hasDefault ? `export { default } from ${place};\n` : ''}`);
  }
  return entries;
}

async function make(room) {
  const files = filesOf(join(root, room, 'build')).filter(isScript);
  const mark = join(root, room, 'build/.bundled');
  const wanted = inputs(room, files);
  const before = existsSync(mark) ? JSON.parse(readFileSync(mark, 'utf8')) : {};
  if (before.inputs === wanted && before.made.every((file) => existsSync(join(root, room, 'dist', file)))) return;
  const entries = entriesOf(room);
  // CommonJS is read as it is: what runs first, and what `native` copies.
  const commonJs = files.filter((file) => file.endsWith('.cjs'));
  for (const file of commonJs) cpSync(join(root, room, 'build', file), join(root, room, 'dist', file));
  const made = [...commonJs, ...(rollup ? await bundle(room, entries) : nameTheBuild(room, entries))];
  for (const file of filesOf(join(root, room, 'dist')).filter(isScript)) if (!made.includes(file)) rmSync(join(root, room, 'dist', file));
  writeFileSync(mark, JSON.stringify({ inputs: wanted, made }));
}

const rooms = ['packages', 'plugins'].flatMap((group) => readdirSync(join(root, group)).map((name) => `${group}/${name}`));
await Promise.all(rooms.filter((room) => existsSync(join(root, room, 'package.json'))).map(make));
