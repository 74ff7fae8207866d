/** What takes minutes together: whole installations, attacks, killed and damaged runs, every command and setting, whole networks. */
const long = [
  'test/pack', 'test/fresh-clone', 'test/fuzz/fuzz', 'test/killed/killed', 'test/damaged-records', 'test/adversity', 'test/hostile-arguments', 'test/streams-and-signals',
  'test/repeated-run', 'test/unused-settings', 'test/looking', 'test/real-photos', 'test/training-agreement', 'packages/native/src/install-killed', 'plugins/engine-onnx/src/training/forms/forms',
];
/** Where a path is named on the command line, that is what is wanted. */
const all = process.env.CULTIVAR_TESTS === 'all' || process.argv.slice(2).some((word) => /^(test|packages|plugins)\b|\.test/.test(word));
if (!all) process.stderr.write(`Left out, for they take minutes (CULTIVAR_TESTS=all, as .ci/run sets it, runs them too): ${long.join(', ')}\n`);

/** Tests stand beside the source (`*.test.ts`); other packages are seen as users see them, through their built `dist`. */
export default {
  rootDir: '.',
  roots: ['<rootDir>/packages', '<rootDir>/plugins', '<rootDir>/models', '<rootDir>/datasets', '<rootDir>/test'],
  testMatch: ['**/*.test.ts'],
  testPathIgnorePatterns: ['/node_modules/', '/dist/', '/build/', ...(all ? [] : long.map((path) => `/${path}\\.test\\.ts$`))],
  modulePathIgnorePatterns: ['<rootDir>/.*/build/.*\\.test\\.js$'],
  testEnvironment: '<rootDir>/test/environment.cjs',
  extensionsToTreatAsEsm: ['.ts'],
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  transform: {
    '\\.ts$': ['@swc/jest', {
      jsc: {
        target: 'es2022',
        parser: { syntax: 'typescript', decorators: true },
        transform: { legacyDecorator: true, decoratorMetadata: false, useDefineForClassFields: true },
        keepClassNames: true,
      },
      module: { type: 'es6' },
    }],
  },
  // Inside a test, CommonJS modules look every global up by way of the sandbox, which is many times as slow as a variable; tfjs does so for each
  // number. These become variables: tests that compute with tfjs alone take half the time.
  sandboxInjectedGlobals: ['Array', 'Float32Array', 'Math', 'Number', 'Object', 'Symbol'],
  testTimeout: 60_000,
  maxWorkers: 2,
  workerIdleMemoryLimit: '1500MB',
};
