import { app } from "@azure/functions";

app.hook.appStart(() => console.log("hook appStart"));
app.hook.appTerminate(() => console.log("hook appTerminate"));
app.hook.preInvocation((context) => {
  context.hookData.seen = context.invocationContext.functionName;
});
app.hook.postInvocation((context) => {
  if (context.hookData.seen === "record")
    context.invocationContext.log(`hook postInvocation ${context.error ? "failed" : "fine"}`);
});
app.hook.log((context) => {
  if (context.message.includes("secret")) context.message = "(hidden by the log hook)";
});
