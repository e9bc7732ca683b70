const { app } = require("@azure/functions");

app.eventGrid("record", { handler: (event, context) => context.log(`got ${event.id}`) });
app.get("hello", { handler: () => ({ body: "hello" }) });
