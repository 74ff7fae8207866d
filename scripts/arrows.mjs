/**
 * Holds the import arrows of the house: cultivar -> training -> backbone, data -> kernel -> sdk, and cultivar -> native -> sdk; a plugin imports
 * @cultivar/sdk and nothing else of ours, an engine (plugins/engine-*) @cultivar/engine and @cultivar/onnxruntime besides; no package imports a plugin (the front door alone names
 * the preset).
 * And: whatever a package imports stands in its own package.json, and nothing reaches into another package's files.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const arrows = {
  'packages/sdk': [],
  'packages/engine': ['@cultivar/sdk'],
  'packages/onnxruntime': [],
  'packages/kernel': ['@cultivar/sdk'],
  'packages/data': ['@cultivar/sdk', '@cultivar/kernel'],
  'packages/backbone': ['@cultivar/sdk', '@cultivar/kernel'],
  'packages/native': ['@cultivar/sdk'],
  'packages/training': ['@cultivar/sdk', '@cultivar/kernel', '@cultivar/data', '@cultivar/backbone'],
  'packages/ensemble': ['@cultivar/sdk', '@cultivar/kernel', '@cultivar/backbone', '@cultivar/training'],
  'packages/study': ['@cultivar/sdk', '@cultivar/kernel', '@cultivar/data', '@cultivar/training'],
  'packages/cultivar': ['@cultivar/sdk', '@cultivar/kernel', '@cultivar/data', '@cultivar/backbone', '@cultivar/native', '@cultivar/training', '@cultivar/study', '@cultivar/ensemble'],
};
const testTools = new Set(['@jest/globals']);
const builtins = new Set(builtinModules.flatMap((name) => [name, `node:${name}`]));
const importPattern = /(?:^|\n)\s*(?:import|export)\s[^'"`;]*?from\s*['"]([^'"]+)['"]|(?:^|\n)\s*import\s*['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]\s*\)|\brequire(?:\.resolve)?\(\s*['"]([^'"]+)['"]\s*\)/g;

const packageOf = (specifier) => specifier.split('/').slice(0, specifier.startsWith('@') ? 2 : 1).join('/');
const ours = (name) => name === 'cultivar' || name.startsWith('@cultivar/');
const problems = [];
let files = 0;

for (const group of ['packages', 'plugins']) {
  for (const name of readdirSync(join(root, group))) {
    const room = `${group}/${name}`;
    const folder = join(root, room);
    const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    const named = new Set(Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies, ...manifest.optionalDependencies }));
    const allowed = group === 'plugins' ? ['@cultivar/sdk', ...(name.startsWith('engine-') ? ['@cultivar/engine', '@cultivar/onnxruntime'] : [])] : arrows[room];
    if (!allowed) problems.push(`${room}: not a room of the house; add its arrows to scripts/arrows.mjs`);
    const used = new Set();
    for (const file of readdirSync(join(folder, 'src'), { recursive: true })) {
      if (!file.endsWith('.ts')) continue;
      files += 1;
      const path = join(folder, 'src', file);
      const isTest = file.endsWith('.test.ts');
      const text = readFileSync(path, 'utf8').replace(/\/\*[\s\S]*?\*\//g, '');
      for (const match of text.matchAll(importPattern)) {
        const specifier = match.slice(1).find(Boolean);
        const where = relative(root, path);
        if (specifier.startsWith('.')) {
          if (relative(folder, resolve(dirname(path), specifier)).startsWith('..') && !isTest) problems.push(`${where}: reaches out of its package (${specifier})`);
          continue;
        }
        if (builtins.has(specifier)) continue;
        const target = packageOf(specifier);
        used.add(target);
        if (isTest) continue;
        if (testTools.has(target)) problems.push(`${where}: imports a test tool (${target})`);
        else if (target !== manifest.name && !named.has(target)) problems.push(`${where}: ${target} is not in ${room}/package.json`);
        if (ours(target) && target !== manifest.name && !allowed?.includes(target)) problems.push(`${where}: ${room} must not import ${target}`);
      }
    }
  }
}
if (problems.length > 0) {
  console.error(problems.join('\n'));
  process.exit(1);
}
console.error(`${files} files keep to the arrows`);
