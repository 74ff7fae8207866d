import { describe, expect, it } from '@jest/globals';
import { Writable } from 'node:stream';
import { watchStreams } from './standard-streams.js';

/** A stream whose every write fails with this code, or none. */
const stream = (code?: string) => new Writable({ write: (_, __, done) => { done(code === undefined ? undefined : Object.assign(new Error(code), { code, syscall: 'write' })); } });

describe('standard streams', () => {
  it.each([[undefined, undefined], ['ENOSPC', 'ENOSPC'], ['EFBIG', 'EFBIG'], ['EPIPE', undefined], ['EIO', undefined]])('of which stdout fails with %s: what is said of it is %s', async (code, said) => {
    const [stdout, stderr] = [stream(code), stream()];
    const watched = watchStreams(stdout, stderr);
    stdout.write('a');
    stdout.write('b');
    expect((await watched.settled())?.code).toBe(said);
    watched.release();
    expect([stdout.listenerCount('error'), stderr.listenerCount('error')]).toEqual([0, 0]);
  });

  it('of which stderr fails: the work goes on', async () => {
    const [stdout, stderr] = [stream(), stream('ENOSPC')];
    const watched = watchStreams(stdout, stderr);
    stderr.write('a');
    expect(await watched.settled()).toBeUndefined();
    watched.release();
  });
});
