import { Hono } from "hono";
import type { Handshakes } from "../../engine/lifecycle/handshakes.ts";

/**
 * Returns the route of the validation URL that webhooks receive. A GET (or, for a CloudEvents callback, a POST)
 * confirms the handshake manually. The code in the URL is the proof. Source: [EG-HANDSHAKE-MANUAL]
 */
export function handshakeRoutes(handshakes: Handshakes): Hono {
  const routes = new Hono();
  routes.on(["GET", "POST"], "/:name/validate", async (context) => {
    const outcome = await handshakes.confirm(context.req.param("name"), context.req.query("id") ?? "");
    switch (outcome) {
      case "validated":
        return context.text("Webhook successfully validated as a subscription endpoint.");
      case "expired":
        return context.text("The validation URL has expired. Create or update the event subscription again.", 400);
      case "unknown":
        return context.text("This validation URL belongs to no event subscription.", 404);
      default:
        return outcome satisfies never;
    }
  });
  return routes;
}
