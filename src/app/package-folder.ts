/** Root folder of the running package. This module and the file that it is bundled into are two folders below it. */
export const PACKAGE_FOLDER: URL = new URL("../../", import.meta.url);
