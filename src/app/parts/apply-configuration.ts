import type { RoleAssignments } from "../../auth/role-assignments.ts";
import { kindOf } from "../../core/kinds/index.ts";
import type { DesiredResource } from "../../core/resources/resources.ts";
import type { EpochMs } from "../../core/time.ts";
import type { Engine } from "../../engine/engine.ts";
import type { HttpServer, ServerAddress } from "../../http/server.ts";
import { assignRoles } from "../access/token-access.ts";
import type { Config } from "../config/schema.ts";
import { toResources } from "../config/to-resources.ts";
import type { StartContext } from "../lifecycle/start-context.ts";
import type { NamedTargets } from "./named-targets.ts";
import { cannotListen } from "./open-server.ts";

/** The parts that a configuration changes. */
export interface ConfiguredParts {
  readonly engine: Engine;
  readonly server: HttpServer;
  readonly roles: RoleAssignments;
  readonly targets: NamedTargets;
}

/**
 * Applies a configuration to resources, roles, named targets and the ports of topics. Returns the addresses of the topics
 * that have their own port, by name.
 */
export async function applyConfiguration(
  { clock, logger }: Pick<StartContext, "clock" | "logger">,
  { engine, server, roles, targets }: ConfiguredParts,
  config: Config,
): Promise<Map<string, ServerAddress>> {
  assignRoles(roles, config);
  targets.configure(config);
  const declared = toResources(config).filter(({ resource, at }) => {
    if (!isPast(resource, clock.now())) return true;
    // [EG-SUBSCRIPTION-EXPIRY] A file that was valid yesterday must not prevent Ringmain from starting.
    logger.warn("subscription_expired", { at, name: resource.name });
    return false;
  });
  const wanted = declared.map(({ resource }) => resource);
  await engine.controlPlane.applyConfiguration(wanted, config.configName);
  const ports = config.topics.flatMap(({ name, port }) => (port === undefined ? [] : [[name, port] as const]));
  try {
    return await server.listenForTopics(config.host, new Map(ports));
  } catch (thrown) {
    throw cannotListen(
      `${config.host} for a topic`,
      thrown,
      "Another program uses the topic's 'port'. Choose a different one.",
    );
  }
}

function isPast(resource: DesiredResource, now: EpochMs): boolean {
  const endsAt = kindOf(resource).endsAt(resource);
  return endsAt !== undefined && endsAt <= now;
}
