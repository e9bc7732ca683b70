import { once } from "node:events";
import { app, output } from "@azure/functions";

let together = [];

app.eventGrid("record", {
  handler: async (event, context) => {
    const { data } = event;
    if (data?.fail !== undefined) throw new Error(data.fail);
    if (data?.secret !== undefined) context.log("the secret is", data.secret);
    context.log(JSON.stringify({ got: event, trace: context.traceContext, metadata: context.triggerMetadata }));
  },
});

/** Ends only once as many events are being worked on as each of them says. */
app.eventGrid("meet", {
  handler: ({ data }) =>
    new Promise((resolve) => {
      together.push(resolve);
      if (together.length < data.count) return;
      for (const done of together) done();
      together = [];
    }),
});

/** Ends a little after the host was asked to stop. */
app.eventGrid("hold", {
  handler: async (_, context) => {
    context.log("holding");
    await once(process, "SIGTERM");
    for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    context.log("held to the end");
  },
});
app.eventGrid("hang", {
  handler: async (_, context) => {
    context.log("hanging");
    await new Promise(() => {});
  },
});

const copies = output.storageQueue({ queueName: "copies", connection: "AzureWebJobsStorage" });
app.eventGrid("copy", {
  extraOutputs: [copies],
  handler: ({ data }, context) => {
    if (data.copy) context.extraOutputs.set(copies, "a copy");
  },
});
app.timer("nightly", { schedule: "0 0 0 * * *", handler: () => {} });
