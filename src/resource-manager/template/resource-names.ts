import type { Budget } from "../../core/budget.ts";
import type { JsonObject } from "../../core/json.ts";
import { invalidTemplate } from "./template-error.ts";
import { loopNames, type ExpandedResource } from "./template-resources.ts";

const PROVIDERS = "/providers/";
const STEPS_PER_NAMED_RESOURCE = 20;

/**
 * Index of a template's resources by the names that `dependsOn`, `reference` and list functions accept: symbolic name,
 * id, end of an id, name, or type and name. Symbolic names and names of loops are case-sensitive; other names are not.
 */
export class ResourceNames {
  readonly #budget: Budget;
  readonly #byName = new Map<string, Set<ExpandedResource>>();
  readonly #bySymbolicName = new Map<string, ExpandedResource>();
  readonly #byLoop = new Map<string, ExpandedResource[]>();
  readonly #loops: ReadonlySet<string>;

  constructor(template: JsonObject, resources: readonly ExpandedResource[], budget: Budget) {
    this.#budget = budget;
    this.#loops = loopNames(template);
    for (const resource of resources) this.#add(resource);
  }

  /** Returns the first resource with a name, in the order of the template. */
  find(name: string): ExpandedResource | undefined {
    const [found] = this.#named(name);
    return found;
  }

  /**
   * Returns the template's resources that a resource depends on. Throws for a name that the template does not declare;
   * ids of resources outside the template are ignored.
   */
  dependenciesOf({ id, dependsOn }: ExpandedResource): readonly ExpandedResource[] {
    return dependsOn.flatMap((name) => {
      const found = [...(this.#byLoop.get(name) ?? []), ...this.#named(name)];
      this.#budget.spend(1 + found.length);
      if (found.length > 0 || name.startsWith("/") || this.#loops.has(name)) return found;
      throw invalidTemplate(`The resource '${name}' is not defined in the template. It is depended on by '${id}'`);
    });
  }

  #named(name: string): readonly ExpandedResource[] {
    const symbolic = this.#bySymbolicName.get(name);
    const named = this.#byName.get(name.toLowerCase()) ?? [];
    return symbolic === undefined ? [...named] : [symbolic, ...named];
  }

  #add(resource: ExpandedResource): void {
    const { symbolicName, loop, name, type } = resource;
    this.#budget.spend(STEPS_PER_NAMED_RESOURCE);
    if (symbolicName !== undefined) this.#bySymbolicName.set(symbolicName, resource);
    if (loop !== undefined) {
      const sharing = this.#byLoop.get(loop);
      if (sharing === undefined) this.#byLoop.set(loop, [resource]);
      else sharing.push(resource);
    }
    const id = resource.id.toLowerCase();
    this.#addName(id, resource);
    for (let at = id.indexOf(PROVIDERS); at >= 0; at = id.indexOf(PROVIDERS, at + 1)) {
      this.#budget.spendOn([id]);
      this.#addName(id.slice(at + PROVIDERS.length), resource);
    }
    this.#addName(name.toLowerCase(), resource);
    this.#addName(`${type}/${name}`.toLowerCase(), resource);
  }

  #addName(name: string, resource: ExpandedResource): void {
    const sharing = this.#byName.get(name);
    if (sharing === undefined) this.#byName.set(name, new Set([resource]));
    else sharing.add(resource);
  }
}
