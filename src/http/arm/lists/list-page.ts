import { RingmainError } from "../../../core/errors.ts";
import type { JsonObject } from "../../../core/json.ts";
import { resourceKey } from "../../../core/resources/resource-id.ts";
import { createFilterBudget, parseListFilter } from "../../../resource-manager/list-filter.ts";
import { ok, type ArmAnswer, type ArmCall } from "../arm-call.ts";
import { FirstByKey } from "./first-by-key.ts";
import { visitInSlices } from "./visit-in-slices.ts";

/** Rules for the query of a list. */
export interface ListRules {
  /** Names of the fields that `$filter` may use. */
  readonly filterable: readonly string[];
  /** Items on a page without `$top`. */
  readonly page: number;
  /** The greatest `$top`. */
  readonly maxPage: number;
}

/** Rules for Event Grid's own lists. [ARM-LIST] */
const EVENT_GRID_RULES: ListRules = { filterable: ["name"], page: 20, maxPage: 100 };

/** An entry of a list. */
export interface Listed {
  readonly id: string;
  /** Values that `$filter` compares, by field name. */
  readonly fields: Readonly<Record<string, string>>;
  readonly read: () => JsonObject;
}

/**
 * Resolves with one page of a list, ordered by id: at most `$top` items that match `$filter` and come after the
 * position in `$skipToken`. The token holds the last id of the previous page, so no item is repeated when the list
 * changes between pages. Other requests are served while the items are visited.
 *
 * @param listed returns an item's entry; `undefined` for an item that is not in this list Source: [ARM-LIST],
 * [ARM-FILTER-LIMIT]
 */
export async function listPage<Item>(
  call: ArmCall,
  items: readonly Item[],
  listed: (item: Item) => Listed | undefined,
  rules: ListRules = EVENT_GRID_RULES,
): Promise<ArmAnswer> {
  const { query } = call;
  const top = topOf(query.get("$top"), rules);
  const matches = parseListFilter(query.get("$filter") ?? "", rules.filterable);
  const after = positionOf(query.get("$skipToken") ?? query.get("$skiptoken"));
  const budget = createFilterBudget();
  // One item more than the page holds, to learn whether there is another page.
  const first = new FirstByKey<Listed>(top + 1);
  const look = (item: Item): void => {
    const each = listed(item);
    if (each === undefined) return;
    const key = resourceKey(each.id);
    if (key > after && first.takes(key) && matches(each.fields, budget)) first.add(key, each);
  };
  await visitInSlices(items, look, () => budget.used.steps);
  const found = first.sorted();
  const page = found.slice(0, top);
  const value = page.map((each) => each.item.read());
  const last = page.at(-1);
  if (last === undefined || found.length === page.length) return ok({ value });
  return ok({ value, nextLink: nextLink(call, last.key) });
}

/** Returns a short list of fixed length on a single page. */
export function wholeList(value: readonly JsonObject[]): ArmAnswer {
  return ok({ value });
}

function nextLink({ origin, path, query }: ArmCall, position: string): string {
  const next = new URLSearchParams(query);
  next.delete("$skiptoken");
  next.set("$skipToken", Buffer.from(position).toString("base64url"));
  return `${origin}${path.path.split("/").map(encodeURIComponent).join("/")}?${next.toString()}`;
}

function topOf(text: string | null, { page, maxPage }: ListRules): number {
  if (text === null) return page;
  const top = Number(text);
  if (Number.isInteger(top) && top >= 1 && top <= maxPage) return top;
  throw new RingmainError("invalid_request", `$top must be a whole number between 1 and ${maxPage}.`);
}

/** Returns the key after which a page begins. */
function positionOf(token: string | null): string {
  if (token === null) return "";
  const position = Buffer.from(token, "base64url").toString();
  if (position.startsWith("/")) return position;
  throw new RingmainError("invalid_request", "The $skipToken does not come from a nextLink.");
}
