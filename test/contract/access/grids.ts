import { CALLERS, type Caller } from "./callers.ts";
import { SETTING_NAMES, type Setting } from "./settings.ts";

/**
 * Expected results by caller, with one column for each configuration in the order of `SETTINGS`: a status, or `ok`
 * for an authorized caller, whatever the result of its request.
 */
export type Grid = Readonly<Record<Caller, string>>;

/** The columns:        dev     dev     dev     prod    prod    prod
 *                              clients clients         clients clients
 *                                      key                     key     */
export const OPEN: Grid = every("     ok      ok      ok      ok      ok      ok");

/** Ringmain's own routes, and metrics without a key of their own. */
export const MANAGEMENT: Grid = {
  local: "                          ok      ok      401     403     403     401",
  "local, any token": "               ok      ok      401     403     403     401",
  "local, wrong key": "               ok      ok      401     403     403     401",
  "local, admin key": "               ok      ok      ok      403     403     ok ",
  "local, operator's token": "        ok      ok      401     403     403     401",
  elsewhere: "                      403     403     401     403     403     401",
  "elsewhere, wrong key": "           403     403     401     403     403     401",
  "elsewhere, admin key": "           403     403     ok      403     403     ok ",
  "elsewhere, operator's token": "    403     403     401     403     403     401",
  "elsewhere, reader's token": "      403     403     401     403     403     401",
  "elsewhere, token with a role on another group": "403 403 401 403 403 401",
  "elsewhere, token without a role": "403     403     401     403     403     401",
  "elsewhere, token that proves nothing": "403 403    401     403     403     401",
  "elsewhere, expired token": "       403     403     401     403     403     401",
  "elsewhere, token of another instance": "403 403    401     403     403     401",
  "elsewhere, token of the other mode": "403  403     401     403     403     401",
  "elsewhere, token by another key": "403     403     401     403     403     401",
  "elsewhere, token for publishing": "403     403     401     403     403     401",
  "foreign origin, any token": "      403     403     401     403     403     401",
  "foreign host, any token": "        403     403     401     403     403     401",
  "wildcard host, any token": "       403     403     401     403     403     401",
  "proxied, any token": "             403     403     401     403     403     401",
  "foreign origin, admin key": "      403     403     ok      403     403     ok ",
  "foreign host, admin key": "        403     403     ok      403     403     ok ",
  "proxied, admin key": "             403     403     ok      403     403     ok ",
};

/** Resource Manager: calls that change a resource or return a secret. */
export const ARM_WRITE: Grid = {
  local: "                          401     401     401     401     401     401",
  "local, any token": "               ok      ok      401     403     401     401",
  "local, wrong key": "               ok      ok      401     403     401     401",
  "local, admin key": "               ok      ok      ok      403     401     ok ",
  "local, operator's token": "        ok      ok      ok      403     ok      ok ",
  elsewhere: "                      401     401     401     401     401     401",
  "elsewhere, wrong key": "           403     401     401     403     401     401",
  "elsewhere, admin key": "           403     401     ok      403     401     ok ",
  "elsewhere, operator's token": "    403     ok      ok      403     ok      ok ",
  "elsewhere, reader's token": "      403     403     403     403     403     403",
  "elsewhere, token with a role on another group": "403 403 403 403 403 403",
  "elsewhere, token without a role": "403     403     403     403     403     403",
  "elsewhere, token that proves nothing": "403 403    403     403     403     403",
  "elsewhere, expired token": "       403     401     401     403     401     401",
  "elsewhere, token of another instance": "403 401    401     403     401     401",
  "elsewhere, token of the other mode": "403  401     401     403     401     401",
  "elsewhere, token by another key": "403     401     401     403     401     401",
  "elsewhere, token for publishing": "403     401     401     403     401     401",
  "foreign origin, any token": "      403     401     401     403     401     401",
  "foreign host, any token": "        403     401     401     403     401     401",
  "wildcard host, any token": "       403     401     401     403     401     401",
  "proxied, any token": "             403     401     401     403     401     401",
  "foreign origin, admin key": "      403     401     ok      403     401     ok ",
  "foreign host, admin key": "        403     401     ok      403     401     ok ",
  "proxied, admin key": "             403     401     ok      403     401     ok ",
};

/** Resource Manager: calls that read and return no secret. */
export const ARM_READ: Grid = {
  ...ARM_WRITE,
  "elsewhere, reader's token": "      403     ok      ok      403     ok      ok ",
};

/** Resource Manager: facts that do not depend on the caller. */
export const ARM_FACT: Grid = {
  ...ARM_READ,
  "elsewhere, token with a role on another group": "403 ok ok 403     ok      ok ",
  "elsewhere, token without a role": "403     ok      ok      403     ok      ok ",
  "elsewhere, token that proves nothing": "403 ok     ok      403     ok      ok ",
};

/** Public documents of the authority, if there is one. */
export const AUTHORITY: Grid = {
  ...every("                          ok      ok      ok      404     ok      ok "),
  "foreign origin, any token": "      403     403     403     404     ok      ok ",
  "foreign host, any token": "        403     403     403     404     ok      ok ",
  "wildcard host, any token": "       403     403     403     404     ok      ok ",
  "foreign origin, admin key": "      403     403     403     404     ok      ok ",
  "foreign host, admin key": "        403     403     403     404     ok      ok ",
};

/** Tokens for an application with its secret. Without `clients`, it is an unregistered application. */
export const CLIENTS_TOKEN: Grid = {
  ...every("                          403     ok      ok      404     ok      ok "),
  ...local("                          ok      ok      ok      404     ok      ok "),
  "foreign origin, any token": "      403     403     403     404     ok      ok ",
  "foreign host, any token": "        403     403     403     404     ok      ok ",
  "wildcard host, any token": "       403     403     403     404     ok      ok ",
  "foreign origin, admin key": "      403     403     403     404     ok      ok ",
  "foreign host, admin key": "        403     403     403     404     ok      ok ",
};

/** Tokens for an application with a wrong secret. */
export const WRONG_SECRET: Grid = {
  ...every("                          403     401     401     404     401     401"),
  ...local("                          ok      401     401     404     401     401"),
  "foreign origin, any token": "      403     403     403     404     401     401",
  "foreign host, any token": "        403     403     403     404     401     401",
  "wildcard host, any token": "       403     403     403     404     401     401",
  "foreign origin, admin key": "      403     403     403     404     401     401",
  "foreign host, admin key": "        403     403     403     404     401     401",
};

/** Tokens for any other application. */
export const ANY_TOKEN: Grid = {
  ...every("                          403     403     403     404     400     400"),
  ...local("                          ok      ok      ok      404     400     400"),
};

/** Tokens of managed identities. */
export const MANAGED_IDENTITY: Grid = {
  ...every("                          403     403     403     404     404     404"),
  ...local("                          ok      ok      ok      404     404     404"),
};

function every(answers: string): Grid {
  return Object.fromEntries(CALLERS.map((caller) => [caller, answers])) as Grid;
}

function local(answers: string): Partial<Grid> {
  return Object.fromEntries(
    CALLERS.filter((caller) => caller.split(",")[0] === "local").map((caller) => [caller, answers]),
  );
}

/** Returns the result of each caller in one configuration. */
export function column(grid: Grid, setting: Setting): Record<string, string> {
  const index = SETTING_NAMES.indexOf(setting);
  return Object.fromEntries(
    CALLERS.map((caller) => {
      const answers = grid[caller].trim().split(/\s+/);
      if (answers.length !== SETTING_NAMES.length) throw new Error(`'${caller}' needs ${SETTING_NAMES.length} answers`);
      return [caller, answers[index] ?? ""];
    }),
  );
}
