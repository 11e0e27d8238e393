const LOOK_MS = 250;
/** The scripts of package.json that become the server. */
const SERVING = ['start', 'cli'];

/**
 * Lets the server stop when npm is told to. npm signals the shell that it has put in between, which ends and passes
 * nothing on: a server that nobody can find would go on with the port and the data folder. When the process that
 * started this one is gone, this one does what SIGTERM does, unless it is stopping already.
 *
 * @param {string | undefined} [script] which script of npm this is
 */
export function stopWithNpm(script = process.env.npm_lifecycle_event) {
  if (!SERVING.includes(script ?? '')) return;
  const starter = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid !== starter && process.emit('SIGTERM', 'SIGTERM')) clearInterval(timer);
  }, LOOK_MS);
  timer.unref();
}
