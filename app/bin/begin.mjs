// Runs before anything is known of the Node it runs on, so it keeps to syntax that old ones can read.
import { readFileSync } from 'node:fs';

/**
 * Runs `work` on a Node that can; otherwise, or when it fails, says why and ends with a code other than 0.
 *
 * @param {() => unknown} work
 * @returns {Promise<void>}
 */
export function begin(work) {
  const problem = whyUnsupported(process.versions.node);
  if (problem !== null) {
    console.error(problem);
    process.exit(1);
  }
  return Promise.resolve()
    .then(work)
    .then(
      () => undefined,
      (error) => {
        const { expected, exitCode } = Object(error);
        console.error(expected ? error.message : error);
        process.exit(exitCode || 1);
      },
    );
}

/**
 * Why this Node cannot run the server, in one sentence; null when it can. The versions are those that
 * `engines` in package.json lists, as `^major.minor.patch` joined by `||`.
 *
 * @param {string} running such as `20.19.0`
 * @returns {string | null}
 */
export function whyUnsupported(running) {
  const manifest = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  /** @type {string[]} */
  const lowest = manifest.engines.node.split('||').map((part) => part.trim().replace('^', ''));
  const version = running.split('.').map((digits) => parseInt(digits, 10));
  const fits = lowest.some((text) => {
    const bound = text.split('.').map(Number);
    if (version[0] !== bound[0]) return false;
    return version[1] > bound[1] || (version[1] === bound[1] && version[2] >= bound[2]);
  });
  if (fits) return null;
  const wanted = lowest.map((text) => `${text.split('.')[0]} (${text} or later)`).join(', ');
  return `My AI Keys runs on Node ${wanted}, and this is Node ${running}: install one of those and start again.`;
}
