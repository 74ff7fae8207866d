import type { Initializer, TensorData } from '@cultivar/sdk';
import { use, type RunContext } from '../run/run-context.js';

/** A head that nothing was solved for: its kernel drawn by the initializer, its bias zero. @param width number of features */
export async function freshHead(context: RunContext, width: number): Promise<{ kernel: TensorData; bias: TensorData }> {
  const { run, request, images } = context;
  use(context, 'initializer');
  const classes = images.classes.length;
  const initializer = run.create<Initializer>('initializer', request.initializer);
  const tensor = initializer.create([width, classes], { fanIn: width, fanOut: classes, random: run.random.child('head') });
  try {
    return {
      kernel: { data: Float32Array.from(await tensor.data()), shape: [width, classes] },
      bias: { data: new Float32Array(classes), shape: [classes] },
    };
  } finally {
    tensor.dispose();
  }
}
