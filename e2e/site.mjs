// A web page of the creator's, on an origin of its own.
import { once } from "node:events";
import { createServer } from "node:http";

/** Serves the page; `paste` puts the widget's line into it. */
export async function serveSite() {
  let line = "";
  const server = createServer((_request, response) => {
    response.setHeader("Content-Type", "text/html; charset=utf-8");
    response.end(`<!doctype html><html lang="en"><head><title>Halloran Coaching</title>
      <meta name="viewport" content="width=device-width,initial-scale=1"></head>
      <body><main><h1>Halloran Coaching</h1><p>Small steps, every day.</p></main>${line}</body></html>`);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    origin: `http://127.0.0.1:${server.address().port}`,
    paste: (copied) => {
      line = copied;
    },
    close: () => server.close(),
  };
}
