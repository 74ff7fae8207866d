import { describe, expect, it } from '@jest/globals';
import { listenForInterruption } from './interruption.js';

describe('Ctrl-C', () => {
  it('stops at the next step; the one after that is Node\'s own', () => {
    const before = [process.listenerCount('SIGINT'), process.listenerCount('SIGTERM')];
    const said: string[] = [];
    const interruption = listenForInterruption((text) => said.push(text));
    expect(interruption.signal.aborted).toBe(false);
    process.emit('SIGINT');
    expect(interruption.signal.aborted).toBe(true);
    expect(said).toEqual(['Stopping at the next step; press Ctrl-C again to stop at once.']);
    expect([process.listenerCount('SIGINT'), process.listenerCount('SIGTERM')]).toEqual(before);
  });

  it('is let go of when the work is done', () => {
    const before = process.listenerCount('SIGINT');
    listenForInterruption(() => {}).release();
    expect(process.listenerCount('SIGINT')).toBe(before);
  });
});
