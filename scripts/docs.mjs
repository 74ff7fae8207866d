/**
 * Makes docs/errors.md from the one catalogue of errors.
 *   node scripts/docs.mjs [--check]      (npm run build first; --check only says whether the page is up to date)
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { errorCatalogue } from '@cultivar/sdk';

const page = fileURLToPath(new URL('../docs/errors.md', import.meta.url));
const cell = (text) => text.replaceAll('|', '\\|');
const rows = Object.entries(errorCatalogue).map(([code, { exit, what, mend }]) => `| \`${code}\` | ${exit} | ${cell(what)} | ${cell(mend)} |`);
const text = `# Errors

Made by \`node scripts/docs.mjs\` from [packages/sdk/src/errors.ts](../packages/sdk/src/errors.ts). Codes are stable. Exit code 2: the
command or the data was wrong; 1: the run failed. \`{name}\` stands for what the message tells. Plugins may add codes of their own.

| code | exit | what is wrong | what to do |
|---|---|---|---|
${rows.join('\n')}
`;
if (!process.argv.includes('--check')) writeFileSync(page, text);
else if (readFileSync(page, 'utf8') !== text) {
  console.error('docs/errors.md is not that of the catalogue: run node scripts/docs.mjs');
  process.exit(1);
}
