// usage: node sdk2.mjs URL CALLS legacy|auto|REVISION: the second TypeScript SDK, @modelcontextprotocol/client
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { drive } from "./driver.mjs";

const [url, calls, era] = process.argv.slice(2);
const mode = era === "legacy" || era === "auto" ? era : { pin: era };
const client = new Client({ name: "sdk2", version: "1.0.0" }, { versionNegotiation: { mode } });
await client.connect(new StreamableHTTPClientTransport(new URL(url)));
await drive(client, () => client.getNegotiatedProtocolVersion(), JSON.parse(calls), (call, options) => client.callTool(call, options));
