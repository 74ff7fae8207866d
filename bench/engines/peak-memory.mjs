/** Most memory that this process has held, in bytes. */
import { existsSync, readFileSync } from 'node:fs';

export function peakMemory() {
  // On Linux maxRSS may count the parent's memory from before exec; VmHWM is this program's own.
  const own = existsSync('/proc/self/status') && /VmHWM:\s+(\d+) kB/.exec(readFileSync('/proc/self/status', 'utf8'));
  return 1024 * (own ? Number(own[1]) : process.resourceUsage().maxRSS);
}
