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
  /** @type {{ engines: { node: string } }} */
  const manifest = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  const lowest = manifest.engines.node.split('||').map((part) => part.trim().replace('^', ''));
  const [major, minor, patch] = numbers(running);
  const fits = lowest.some((text) => {
    const bound = numbers(text);
    return major === bound[0] && (minor > bound[1] || (minor === bound[1] && patch >= bound[2]));
  });
  if (fits) return null;
  const wanted = lowest.map((text) => `${text.split('.')[0]} (${text} or later)`).join(', ');
  return `My AI Keys runs on Node ${wanted}, and this is Node ${running}: install one of those and start again.`;
}

/** @param {string} version such as `20.19.0` or `25.0.0-nightly`. @returns {[number, number, number]} */
function numbers(version) {
  const [major, minor, patch] = version.split('.');
  return [parseInt(major || '0', 10), parseInt(minor || '0', 10), parseInt(patch || '0', 10)];
}
