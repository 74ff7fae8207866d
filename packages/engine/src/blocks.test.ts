import { describe, expect, it } from '@jest/globals';
import * as tfl from '@tensorflow/tfjs-layers';
import '../../../test/conformance/backend.js';
import { put, smallNetwork } from '../../../test/conformance/networks.js';
import { joinBlocks } from './blocks.js';
import { flatten } from './network/flat-network.js';

const { layers } = tfl;
const everything = () => true;

describe('blocks', () => {
  it('join convolution, frozen batch-norm and rectifier', () => {
    const network = flatten(smallNetwork(), 'tfjs');
    expect(joinBlocks(network, everything, 'frozen').map(({ block, layer }) => [layer.name, block?.batchNormalization?.name, block?.activation])).toEqual([
      ['stem', 'stem_bn', 'relu6'], ['deep', 'deep_bn', 'relu6'], ['point', undefined, 'linear'], ['skip', undefined, undefined],
    ]);
    expect(joinBlocks(network, everything, 'train').map(({ layer, block, activation }) => [layer.name, block?.activation ?? activation])).toEqual([
      ['stem', 'linear'], ['stem_bn', 'relu6'], ['deep', 'linear'], ['deep_bn', 'relu6'], ['point', 'linear'], ['skip', undefined],
    ]);
    expect(joinBlocks(network, ({ name }) => name === 'deep', 'frozen').map(({ inputTrains }) => inputTrains)).toEqual([false, false, true, true]);
  });

  it('go back through the rectifier that wrote what they alone read', () => {
    const blocks = joinBlocks(flatten(smallNetwork(), 'tfjs'), everything, 'frozen').filter(({ block }) => block);
    // The skip reads what the stem writes as well.
    expect(blocks.map(({ layer, block }) => [layer.name, block!.before, block!.isThroughReader])).toEqual([
      ['stem', undefined, undefined], ['deep', undefined, true], ['point', 'relu6', undefined],
    ]);
  });

  it('leave alone what others read, and what is asked for', () => {
    const input = tfl.input({ shape: [6, 6, 3] });
    const convolved = put(layers.conv2d({ name: 'shared', filters: 4, kernelSize: 3, padding: 'same' }), input);
    const both = put(layers.add(), convolved, put(layers.batchNormalization(), convolved));
    const model = tfl.model({ inputs: input, outputs: put(layers.conv2d({ name: 'last', filters: 3, kernelSize: 2, strides: 2 }), both) });
    const blocks = joinBlocks(flatten(model, 'tfjs'), everything, 'frozen').filter(({ block }) => block);
    expect(blocks.map(({ layer, block }) => [layer.name, block!.batchNormalization])).toEqual([['shared', undefined], ['last', undefined]]);
    const asked = joinBlocks(flatten(smallNetwork(), 'tfjs', ['stem', 'skip']), everything, 'frozen');
    expect(asked.map(({ layer }) => layer.name)).toEqual(['stem', 'stem_bn', 'stem_relu', 'deep', 'point', 'skip']);
  });
});
