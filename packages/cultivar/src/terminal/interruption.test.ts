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
    interruption.release();
  });

  it.each(['SIGTERM', 'SIGHUP'] as const)('counts the same as %s; a terminal that is closed sends two', (signal) => {
    const before = process.listenerCount(signal);
    const interruption = listenForInterruption(() => {});
    process.emit(signal);
    process.emit(signal === 'SIGHUP' ? 'SIGHUP' : 'SIGCONT');
    expect(interruption.signal.aborted).toBe(true);
    expect(process.listenerCount('SIGHUP')).toBe(1 + (signal === 'SIGHUP' ? before : 0));
    interruption.release();
    expect(process.listenerCount(signal)).toBe(before);
  });

  it('is let go of when the work is done', () => {
    const counts = () => (['SIGINT', 'SIGTERM', 'SIGHUP'] as const).map((name) => process.listenerCount(name));
    const before = counts();
    listenForInterruption(() => {}).release();
    expect(counts()).toEqual(before);
  });
});
