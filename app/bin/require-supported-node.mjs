// Import this first: it stops an unsupported Node with a clear message. Plain syntax only, so that old versions can
// parse it.
import { readFileSync } from 'node:fs';

/**
 * Compares with `engines` in package.json, which lists the lowest version of each supported major.
 *
 * @param {string} version such as `20.19.0`
 * @returns {string | null} a message for the user; null when the version is supported
 */
export function unsupportedNodeMessage(version) {
  const manifest = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  const lowest = manifest.engines.node.match(/\d+\.\d+\.\d+/g);
  const major = parseInt(version, 10);
  const supported = lowest.some(
    (/** @type {string} */ low) =>
      parseInt(low, 10) === major && version.localeCompare(low, 'en', { numeric: true }) >= 0,
  );
  if (supported) return null;
  return `My AI Keys doesn't run on Node ${version}. Install Node ${lowest.join(', ')} or a later release of one of these.`;
}

const message = unsupportedNodeMessage(process.versions.node);
if (message !== null) {
  console.error(message);
  process.exit(1);
}
