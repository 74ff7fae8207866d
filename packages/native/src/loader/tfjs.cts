/* In the place of `@tensorflow/tfjs` and `@tensorflow/tfjs-core`: the copy of tfjs-core that load.cjs was called with. There is one, and only one. */
export = (globalThis as Record<symbol, unknown>)[Symbol.for('cultivar:tfjs-core')];
