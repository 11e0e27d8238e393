// Part of the one-file executable, and of nothing else: there, a native module lies among the embedded assets.
const { mkdtempSync, rmSync, writeFileSync } = require('node:fs');
const { tmpdir } = require('node:os');
const { join } = require('node:path');
const { getRawAsset } = require('node:sea');

/**
 * Loads an embedded native module. The system loads only from files, so it is written to a folder that only
 * this user can enter, and removed as soon as it is loaded.
 *
 * @param {string} name its asset's name
 */
exports.loadNative = function loadNative(name) {
  const native = { exports: {} };
  try {
    const folder = mkdtempSync(join(tmpdir(), 'my-ai-keys-'));
    try {
      const file = join(folder, name);
      writeFileSync(file, new Uint8Array(/** @type {ArrayBuffer} */ (getRawAsset(name))), { mode: 0o500 });
      process.dlopen(native, file);
    } finally {
      // Windows does not let go of a loaded file.
      if (process.platform !== 'win32') rmSync(folder, { recursive: true });
    }
  } catch (error) {
    const why = error instanceof Error ? error.message : error;
    console.error(
      `Set TMPDIR to a folder that can be written and that programs can be loaded from (${why}).`,
    );
    process.exit(1);
  }
  return native.exports;
};
