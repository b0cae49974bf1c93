// usage: node steady.mjs URL: the first TypeScript SDK calls five times a second until its input ends, and then says what it saw
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";

const client = new Client({ name: "steady", version: "1.0.0" });
const transport = new StreamableHTTPClientTransport(new URL(process.argv[2]));
await client.connect(transport);
const first = transport.sessionId;
const errors = [];
let answered = false;
let ended = false;
process.stdin.on("end", () => (ended = true)).resume();
console.log("connected");
while (!ended) {
  try {
    await client.callTool({ name: "echo", arguments: { message: "steady" } });
    answered = true;
  } catch (error) {
    errors.push(String(error));
    answered = false;
  }
  await new Promise((done) => setTimeout(done, 200));
}
console.log(JSON.stringify({ first, last: transport.sessionId, answered, errors }));
process.exit(0);
