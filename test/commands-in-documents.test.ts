/** Every command that a document shows is one that there is: its options are read, and the techniques it names are there and take these options. */
import { describe, expect, it } from '@jest/globals';
import { createKernel, parseReference } from '@cultivar/kernel';
import type { Kind } from '@cultivar/sdk';
import type { Command } from 'commander';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { preset } from '../packages/cultivar/src/preset.js';
import { buildProgram } from '../packages/cultivar/src/terminal/program.js';
import { repository } from './support/command.js';

const documents = ['README.md', 'CONTRIBUTING.md', ...readdirSync(join(repository, 'docs')).filter((file) => file.endsWith('.md')).map((file) => `docs/${file}`)];

/** In table cells and sentences between back-quotes, and in lines of a block: the words behind `cultivar`. */
function commandsOf(document: string): string[] {
  const text = readFileSync(join(repository, document), 'utf8').replaceAll(/ *\\\n +/g, ' ');
  return [...text.matchAll(/`(?:npx )?cultivar ([^`\n]+)`|^ {4}(?:\$ )?npx cultivar ([^\n]+)$/gm)].map(([, quoted, line]) => (quoted ?? line!).replace(/ +#.*$/, '').replaceAll('\\|', '|'));
}

/** As a shell would split them. */
const wordsOf = (command: string): string[] => [...command.matchAll(/(?:"[^"]*"|'[^']*'|\S)+/g)].map(([word]) => word.replaceAll(/["']/g, ''));

const kinds: Readonly<Record<string, Kind>> = {
  backbone: 'backbone', strategy: 'strategy', strategies: 'strategy', optimizer: 'optimizer', schedule: 'schedule', solver: 'solver', initializer: 'initializer',
  augment: 'augmentation', regularize: 'regularizer', ensemble: 'ensemble', similarity: 'similarity', engine: 'engine',
};

/** Runs nothing: what the command line makes of the words. */
async function parsed(words: readonly string[]): Promise<{ path: string; positional: unknown[]; options: Record<string, unknown> }> {
  let found: { path: string; positional: unknown[]; options: Record<string, unknown> } | undefined;
  const paths = (command: Command, path = ''): string[] => [path, ...command.commands.flatMap((child) => paths(child, `${path} ${child.name()}`.trim()))];
  const handlers = Object.fromEntries(paths(buildProgram({}, () => {})).map((path) => [path, async (positional: readonly unknown[], options: Record<string, unknown>) => {
    found = { path, positional: [...positional], options };
    return 0;
  }]));
  await buildProgram(handlers, () => {}).parseAsync([...words], { from: 'user' });
  return found!;
}

interface Named {
  kind: Kind;
  text: string;
}

/** The techniques that a command names. */
function techniques({ path, positional, options }: Awaited<ReturnType<typeof parsed>>): Named[] {
  const named = (kind: Kind, value: unknown): Named[] => [value ?? []].flat().map((text) => ({ kind, text: String(text) }));
  const compared: Readonly<Record<string, Kind>> = { 'compare optimizers': 'optimizer', 'compare initializers': 'initializer' };
  const own = Object.entries(options).flatMap(([option, value]) => (kinds[option] ? named(kinds[option], value) : []));
  return [...own, ...(compared[path] ? named(compared[path], positional[0]) : [])].filter(({ text }) => text !== 'none');
}

describe('the documents', () => {
  it('show no command that is not understood', async () => {
    const { catalogue } = await createKernel({ plugins: preset });
    let commands = 0;
    for (const document of documents) {
      for (const command of commandsOf(document)) {
        const words = wordsOf(command);
        // `cultivar train --help`; a name that an error fills in; a technique of a plugin of the reader's own.
        if (words.some((word) => ['--help', '--plugin', '{name}'].includes(word))) continue;
        commands += 1;
        try {
          const found = await parsed(words);
          for (const { kind, text } of techniques(found)) catalogue.check(kind, parseReference(text));
          if (found.path === 'plugins info') expect(catalogue.list(found.options['kind'] as Kind | undefined).map(({ name }) => name)).toContain(found.positional[0]);
        } catch (error) {
          throw new Error(`${document}: cultivar ${command}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
        }
      }
    }
    expect(commands).toBeGreaterThan(150);
  });
});
