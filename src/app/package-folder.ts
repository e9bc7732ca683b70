/** The folder of the package that runs. This module, and the file it is bundled into, lie two folders below it. */
export const PACKAGE_FOLDER: URL = new URL("../../", import.meta.url);
