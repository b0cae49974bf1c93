// usage: node sdk1.mjs URL CALLS: the first TypeScript SDK, @modelcontextprotocol/sdk
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { drive } from "./driver.mjs";

const [url, calls] = process.argv.slice(2);
const client = new Client({ name: "sdk1", version: "1.0.0" });
const transport = new StreamableHTTPClientTransport(new URL(url));
await client.connect(transport);
await drive(client, () => transport.protocolVersion, JSON.parse(calls), (call, options) => client.callTool(call, undefined, options));
