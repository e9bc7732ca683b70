import { app } from "@azure/functions";

const echo = async (request) => ({
  jsonBody: {
    method: request.method,
    url: request.url,
    params: request.params,
    query: Object.fromEntries(request.query),
    agent: request.headers.get("x-agent"),
    body: await request.text(),
  },
});

app.http("products", {
  route: "products/{category:alpha}/{id:int?}",
  methods: ["GET", "POST", "DELETE"],
  handler: echo,
});
app.http("special", { route: "products/special", methods: ["GET"], handler: () => ({ body: "special" }) });
app.http("files", { route: "files/{*path}", methods: ["GET"], handler: echo });
app.http("guarded", { authLevel: "function", handler: () => ({ body: "guarded" }) });
app.http("ruled", { authLevel: "admin", handler: () => ({ body: "ruled" }) });
app.http("silent", { handler: () => {} });
app.http("broken", {
  handler: () => {
    throw new Error("broken on purpose");
  },
});
app.http("rich", {
  handler: () => ({
    status: 201,
    headers: { "x-kind": "rich" },
    cookies: [
      { name: "id", value: "a b", path: "/", maxAge: 60, httpOnly: true, secure: true, sameSite: "Strict" },
      { name: "two", value: "2", expires: new Date(86_400_000) },
    ],
    body: new Uint8Array([0, 255, 10]),
  }),
});
app.http("settings", {
  handler: () => ({ jsonBody: { FROM_FILE: process.env.FROM_FILE, FROM_BOTH: process.env.FROM_BOTH } }),
});
