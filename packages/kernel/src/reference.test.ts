import { describe, expect, it } from '@jest/globals';
import { parseReference } from './reference.js';

describe('parseReference', () => {
  it.each([
    ['adam', { name: 'adam' }],
    [' adam ', { name: 'adam' }],
    ['adam:beta1=0.9,beta2=.999,epsilon=1e-7', { name: 'adam', beta1: 0.9, beta2: 0.999, epsilon: 1e-7 }],
    ['flip:vertical=true,horizontal=false', { name: 'flip', vertical: true, horizontal: false }],
    ['step:at=[0.5;0.75],by=-1', { name: 'step', at: [0.5, 0.75], by: -1 }],
    ['step:at=[]', { name: 'step', at: [] }],
    ['step:at=[[1;2];[3]]', { name: 'step', at: [[1, 2], [3]] }],
    ['layers-model:weights=https://host:80/a?b=c', { name: 'layers-model', weights: 'https://host:80/a?b=c' }],
    ['layers-model:weights=C:\\models\\net', { name: 'layers-model', weights: 'C:\\models\\net' }],
    ['layers-model:weights="a,b=[c"', { name: 'layers-model', weights: 'a,b=[c' }],
    ["layers-model:weights='2024',size=64", { name: 'layers-model', weights: '2024', size: 64 }],
    ["layers-model:weights=it's/here,size=64", { name: 'layers-model', weights: "it's/here", size: 64 }],
    ['layers-model: weights = ../x , size = 64', { name: 'layers-model', weights: '../x', size: 64 }],
    ['x:a=', { name: 'x', a: '' }],
    ['x:a=1.2.3,b=-,c=Infinity', { name: 'x', a: '1.2.3', b: '-', c: 'Infinity' }],
  ])('%s', (text, expected) => {
    expect(parseReference(text)).toEqual(expected);
  });

  it.each([
    ['', 'the name is missing'],
    [':a=1', 'the name is missing'],
    ['adam beta', '"adam beta" is not a name'],
    ['adam,momentum', '"adam,momentum" is not a name'],
    ['adam:', 'options are missing behind the colon'],
    ['adam:beta1', '"beta1" has no value'],
    ['adam:beta1=1,', 'there is a comma too many'],
    ['adam:=1', '"" is not the name of an option'],
    ['adam:a=1,a=2', 'option a is given twice'],
    ['adam:name=sgd', 'an option cannot be called name'],
    ['adam:a="b', 'a quote or bracket is not closed'],
    ['adam:a=[1;2', 'a quote or bracket is not closed'],
  ])('refuses "%s"', (text, reason) => {
    expect(() => parseReference(text)).toThrow(expect.objectContaining({ code: 'REFERENCE_SYNTAX', exit: 2, message: `"${text}" is not understood: ${reason}.` }));
  });

  it('cannot reach the prototype of objects', () => {
    const reference = parseReference('x:__proto__=1');
    expect(Object.getPrototypeOf(reference)).toBe(Object.prototype);
    expect(Object.hasOwn(reference, '__proto__')).toBe(true);
  });
});
