/** The process that works for the command `mycel`, as `supervise` starts it; a profiler can start it by itself. */
import { EXIT } from '../errors.js';
import { unfinishedModule } from '../scenario/plugin.js';
import { hearInterrupts } from './interrupt.js';
import { main, watchProcess } from './program.js';

const argv = process.argv.slice(2);
hearInterrupts();
watchProcess(argv);
// Without `await`, since Node would warn of ours where it is one of the user's modules that never ends.
void main(argv).then((code) => {
  process.exitCode = code;
  process.removeAllListeners('disconnect');
  if (process.connected) process.disconnect();
});
process.on('exit', () => {
  if (process.exitCode !== undefined) return;
  const unfinished = unfinishedModule();
  console.error(
    unfinished ?? 'expected the command to be done, but nothing was left to wait for: a bug of ours',
  );
  process.exitCode = unfinished === undefined ? EXIT.bug : EXIT.usage;
});
