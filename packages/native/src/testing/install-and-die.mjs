/** Installs, and is killed at the moment that CULTIVAR_TEST_KILL names: the label of a progress bar, or what the logger is told. */
import { install } from '@cultivar/native';

const { CULTIVAR_TEST_KILL: moment, CULTIVAR_TEST_WHEEL: wheel, CULTIVAR_TEST_CACHE: cacheFolder } = process.env;
const reach = (words) => {
  if (moment && words.startsWith(moment)) process.kill(process.pid, 'SIGKILL');
};
const task = { advance: () => {}, finish: () => {} };
const logger = { debug: () => {}, info: reach, warn: () => {}, error: () => {} };
await install({ cacheFolder, wheel: wheel || undefined, logger, progress: { start: (label) => (reach(label), task) } }).catch((error) => {
  process.stdout.write(`${error.code}\n`);
});
