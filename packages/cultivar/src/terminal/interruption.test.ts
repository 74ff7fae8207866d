import { describe, expect, it } from '@jest/globals';
import { listenForInterruption } from './interruption.js';

describe('Ctrl-C', () => {
  it('first stops at the next step, then at once', () => {
    const before = process.listenerCount('SIGINT');
    const said: string[] = [];
    const exits: number[] = [];
    const interruption = listenForInterruption((text) => said.push(text), (code) => exits.push(code));
    process.emit('SIGINT');
    expect(interruption.signal.aborted).toBe(true);
    expect(said).toEqual(['Stopping at the next step; press Ctrl-C again to stop at once.']);
    expect(exits).toEqual([]);
    process.emit('SIGINT');
    expect(exits).toEqual([1]);
    interruption.release();
    expect(process.listenerCount('SIGINT')).toBe(before);
  });
});
