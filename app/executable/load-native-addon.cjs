// Used in the one-file executable only, where the native addons are embedded assets.
const { mkdtempSync, rmSync, writeFileSync } = require('node:fs');
const { tmpdir } = require('node:os');
const { join } = require('node:path');
const { getRawAsset } = require('node:sea');

/**
 * The operating system loads native code from files only: writes the addon to a private temporary directory, loads it
 * and deletes it again.
 *
 * @param {string} assetName
 */
exports.loadNativeAddon = (assetName) => {
  const addon = { exports: {} };
  try {
    const directory = mkdtempSync(join(tmpdir(), 'my-ai-keys-'));
    try {
      const file = join(directory, assetName);
      writeFileSync(file, new Uint8Array(/** @type {ArrayBuffer} */ (getRawAsset(assetName))), {
        mode: 0o500,
      });
      process.dlopen(addon, file);
    } finally {
      // Windows locks a loaded file.
      if (process.platform !== 'win32') rmSync(directory, { recursive: true });
    }
  } catch (error) {
    const reason = error instanceof Error ? error.message : error;
    console.error(`Set TMPDIR to a writable directory that isn't mounted with noexec (${reason}).`);
    process.exit(1);
  }
  return addon.exports;
};
