/**
 * Every measured figure in a document names the commit it was measured at: behind a table of them stands a line with "at `0123abc`" (or "before `0123abc`"), and in
 * a section that tells of them in its text, such a commit too.
 *   node scripts/measured.mjs      (part of npm run lint)
 */
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const documents = ['README.md', 'bench/README.md', 'models/nano/README.md', ...readdirSync(`${root}docs`).filter((name) => /^(accuracy|strategies|studies)\.md$/.test(name)).map((name) => `docs/${name}`)];

/** Accuracies and losses to three places, speeds and points; a size or a default is none. */
const figure = /(?<![\w.])0\.\d{3}(?!\d*e)|\d (?:images\/s|images a second)|\d[\d.]* (?:points|percent) |\d (?:in|to) \d[\d.]* (?:s|min)\b/;
/** What the columns of a table of figures are called. */
const heading = /^\|.*(?:images\/s|accuracy|peak)/m;
const commit = /\b(?:at|before) (?:commit )?`([0-9a-f]{7,40})`/gi;

const complaints = [];
const commits = new Set();
for (const document of documents) {
  const text = readFileSync(`${root}${document}`, 'utf8').replace(/```[\s\S]*?```/g, '');
  for (const section of text.split(/^(?=#+ )/m)) {
    const title = section.split('\n', 1)[0];
    const blocks = section.split(/\n\s*\n/).filter((block) => !block.startsWith('    '));
    const named = [...section.matchAll(commit)].map(([, hash]) => hash);
    named.forEach((hash) => commits.add(hash));
    blocks.forEach((block, index) => {
      const table = block.startsWith('|');
      if (table && (figure.test(block) || heading.test(block)) && numbersIn(block) >= 3 && !`${blocks[index + 1] ?? ''}`.match(commit)) complaints.push(`${document}, "${title}": behind the table "${block.split('\n', 1)[0].slice(0, 60)}" stands no commit that it was measured at`);
      if (!table && figure.test(block) && named.length === 0) complaints.push(`${document}, "${title}": no commit is named that its figures were measured at`);
    });
  }
}
if (isRepository()) for (const hash of commits) if (!isCommit(hash)) complaints.push(`there is no commit ${hash}, which a document names`);
if (complaints.length > 0) {
  console.error(`${[...new Set(complaints)].join('\n')}\nWrite, behind the figures: Measured at \`COMMIT\`.`);
  process.exit(1);
}
console.log(`${documents.length} documents name the commits of their figures`);

/** Cells of a table that are numbers. */
function numbersIn(table) {
  return [...table.matchAll(/\| *\**\(?[-+]?\d[^|]*(?=\|)/g)].length;
}

/** A whole one: a copy without history knows of no commit. */
function isRepository() {
  try {
    return execFileSync('git', ['rev-parse', '--is-shallow-repository'], { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim() === 'false';
  } catch {
    return false;
  }
}

function isCommit(hash) {
  try {
    execFileSync('git', ['cat-file', '-e', `${hash}^{commit}`], { cwd: root, stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
